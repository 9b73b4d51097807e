// The duplex kind of exchange: a Live session, from its upgrade to its last frame.
//
// duplex.cc shows its life in order: admit, upgrade, setup, attempt (these in
// duplex_opening.cc), relay, part, settle. It lives in the frame of its handler, on one worker, and
// ends when run() returns. Frames pass as they come, both ways; a side that does not read stalls
// the other's sending and nothing else.

#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "gateway/allowance.h"
#include "gateway/attempts.h"
#include "gateway/live_message.h"
#include "gateway/record.h"
#include "gateway/route.h"
#include "gateway/shared.h"
#include "ws/connection.h"

namespace wasat::gateway {

class Duplex final : private Cancel::Hook {
 public:
  Duplex(const Shared& shared, Worker& worker, Route route, http::ServerRequest& request,
         http::ServerResponse& response);
  Duplex(const Duplex&) = delete;
  Duplex& operator=(const Duplex&) = delete;
  ~Duplex();

  Task<> run();

 private:
  // Why a session ends; the first reason counts.
  enum class End : std::uint8_t {
    kNone,  // of a session that did not come about: refused
    kClientClosed,
    kClientGone,  // without a close, or by breaking the protocol
    kUpstreamClosed,
    kUpstreamGone,
    kDraining,
  };

  Task<Result<>> serve();
  Result<> admit();
  Result<std::shared_ptr<const account::Token>> presented_by();
  Result<> expect_credential() const;
  WASAT_OWN_FRAME Task<Result<LiveSetup>> read_setup();
  WASAT_OWN_FRAME Task<Result<ws::Connection::Batch>> attempt(const LiveSetup& setup);
  WASAT_OWN_FRAME Task<provider::Attempt<ws::Connection::Batch>> open(
      provider::Provider& provider, const LiveSetup& setup, const gemini::Call& call,
      const pool::Credential& credential);
  Task<Result<>> relay(ws::Connection::Batch first);
  Task<> pass_up();
  Task<> pass_down(ws::Connection::Batch batch);
  WASAT_OWN_FRAME Task<> part(const Result<>& result);
  WASAT_OWN_FRAME Task<> refuse(const Error& error);
  void remember_session(std::string_view message);
  Result<> outcome() const;
  void settle(const Result<>& result);

  std::unexpected<Error> give_up(Error error);
  void end(End why, const ws::Close* close = nullptr);
  void cancelled() override;  // the server drains
  static void side_ended(void* self);

  const Shared& shared_;
  Worker& worker_;
  const std::shared_ptr<const Options> options_;  // as they were when it began
  const Route route_;
  http::ServerRequest& request_;
  http::ServerResponse& response_;
  std::shared_ptr<const account::Token> token_;
  Allowance allowance_;
  std::string ephemeral_;  // the token that the upstream gets instead of a key, or empty
  Record record_;
  Attempts attempts_;
  Clock::Steady first_byte_deadline_;

  std::optional<ws::Connection> client_;
  ws::Connection::Batch early_;  // what the client sent behind its setup
  Cancel* going_away_ = nullptr;
  std::optional<http::ClientStream::Upgraded> link_;
  std::optional<ws::Connection> upstream_;  // on link_
  std::optional<pool::Lease> lease_;

  End end_ = End::kNone;
  ws::Close close_;  // of kClientClosed and kUpstreamClosed
  bool draining_ = false;
  bool attempting_ = false;             // nobody reads the client
  Cancel stop_up_;                      // ends what pass_up() waits for
  Cancel stop_down_;                    // the same of pass_down()
  TaskScope side_;                      // pass_up()
  std::coroutine_handle<> waiting_;     // for side_ to be empty
  std::string usage_;                   // the last message that told of it
  std::array<std::string, 2> handles_;  // the newest first, as resources
};

}  // namespace wasat::gateway
