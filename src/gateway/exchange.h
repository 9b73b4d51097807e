// Exchange: one client request from its first byte to its last.
//
// exchange.cc shows its life in order: admit, parse, resolve, plan, attempt,
// stream, settle. It lives in the frame of its handler, on one worker, and ends
// when run() returns.

#pragma once

#include <deque>
#include <list>
#include <memory>
#include <span>
#include <vector>

#include "dialect/dialect.h"
#include "gateway/allowance.h"
#include "gateway/attempts.h"
#include "gateway/fetch.h"
#include "gateway/heartbeat.h"
#include "gateway/raw/upload_url.h"
#include "gateway/record.h"
#include "gateway/route.h"
#include "gateway/shared.h"
#include "gemini/resource_path.h"

namespace wasat::gemini {
class ChunkReader;
}

namespace wasat::gateway {

struct RawAnswer;
struct OwnRead;

class Exchange final : Heartbeat::Pulse {
 public:
  Exchange(const Shared& shared, Worker& worker, const dialect::Dialect& dialect, Route route,
           http::ServerRequest& request, http::ServerResponse& response);

  Task<> run();

 private:
  Task<Result<>> serve();
  Result<> admit();
  bool passes_body_on() const;

  // resolve.cc
  WASAT_OWN_FRAME Task<Result<gemini::Call>> understand();
  Result<> parse();
  Result<> choose_model();
  WASAT_OWN_FRAME Task<> resolve();
  struct Fetching;
  WASAT_OWN_FRAME Task<> fetch_all(const std::vector<std::string>& urls);
  WASAT_OWN_FRAME Task<> fetch_one(const std::string& url, Fetching& fetching);
  Result<gemini::Call> lower();
  WASAT_OWN_FRAME Task<bool> mend(gemini::Call& call, gemini::Remedy remedy);

  WASAT_OWN_FRAME Task<Result<>> generate(gemini::Call& call);
  // answer.cc, many.cc
  WASAT_OWN_FRAME Task<Result<>> answer_one(gemini::Call& call, Attempts& attempts);
  WASAT_OWN_FRAME Task<Result<>> answer_in_turn(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> answer_together(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> pass_chunks(Answering& answering, gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> pass_pieces(Answering& answering, gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> check_piece(gemini::ChunkReader& reader, std::string_view piece);
  WASAT_OWN_FRAME Task<Result<>> write_piece(std::string_view piece);
  void settle_answer(pool::Lease& lease, const Result<>& result) const;
  static Error broken_off(pool::Lease& lease, const provider::Attempt<provider::Batch>& next);
  Result<> encode(std::span<const gemini::Frame> frames);
  Result<> encode(const gemini::Frame& frame);
  WASAT_OWN_FRAME Task<Result<>> encode_aside(std::span<const gemini::Frame> frames);
  WASAT_OWN_FRAME Task<Result<>> finish_aside();
  Result<> judge_end();
  bool says_nothing() const;
  bool is_time_to_speak();
  void begin_stream();
  void let_go_of_request(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> finish_answer();
  void remember();
  WASAT_OWN_FRAME Task<Result<>> keep_media();
  Task<Result<>> beat() override;

  WASAT_OWN_FRAME Task<Result<>> answer_itself();
  WASAT_OWN_FRAME Task<Result<>> answer_models(const gemini::Call& call);
  // raw.cc and raw/: paths that are no calls to a model.
  WASAT_OWN_FRAME Task<Result<>> pass_through(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> hold_body(gemini::Call& call);
  WASAT_OWN_FRAME Task<Result<>> relay(http::ClientStream& answer, const RawAnswer& about);
  WASAT_OWN_FRAME Task<Result<>> encode_raw(http::ClientStream& answer, const RawAnswer& about);
  WASAT_OWN_FRAME Task<Result<>> answer_encoded(gemini::Frame frame);
  WASAT_OWN_FRAME Task<Result<>> list_own(const gemini::Call& call, std::string collection);
  WASAT_OWN_FRAME Task<> read_own(const gemini::Call& call, const store::Resource& resource,
                                  OwnRead& into);
  WASAT_OWN_FRAME Task<> note_resources(const RawAnswer& about, std::string_view answer);
  Result<> may_use(const gemini::ResourcePath& path) const;
  Result<std::shared_ptr<const account::Token>> token_of_upload();
  bool passes_upload_on() const;
  std::vector<http::Header> raw_headers(const http::ClientStream& answer, const RawAnswer& about,
                                        std::deque<std::string>& texts) const;
  WASAT_OWN_FRAME Task<> refuse(const Error& error);
  void settle(const Result<>& result);
  void keep_request();
  void keep_answer(std::string_view bytes);
  bool has_mended(gemini::Remedy remedy) const {
    return (mended_ >> static_cast<unsigned>(remedy) & 1) != 0;
  }
  bool is_native() const { return &dialect_ == shared_.dialects.gemini.get(); }
  void note_first_byte();
  std::vector<http::Header> headers(std::string_view content_type, bool stream) const;

  const Shared& shared_;
  Worker& worker_;
  const std::shared_ptr<const Options> options_;  // as they were when it began
  const dialect::Dialect& dialect_;
  const Route route_;
  http::ServerRequest& request_;
  http::ServerResponse& response_;

  std::shared_ptr<const account::Token> token_;
  Allowance allowance_;
  std::optional<UploadUrl> upload_;  // the request goes on with an upload
  std::shared_ptr<const Buffer> body_;
  std::unique_ptr<dialect::Parsed> parsed_;
  dialect::Findings findings_;
  std::list<Reserved> fetched_;  // the memory of what was fetched
  gemini::DerivedModel derived_;
  dialect::AnswerContext answer_context_;
  Record record_;
  Attempts attempts_;

  // The answer on its way.
  std::unique_ptr<dialect::Encoder> encoder_;
  std::string out_;  // encoded and not yet written
  Heartbeat heartbeat_;
  Clock::Steady written_;          // when the client last got something
  Clock::Steady held_since_;       // epoch: nothing is held back
  std::uint32_t call_number_ = 0;  // of Call::more
  std::uint8_t mended_ = 0;        // one bit for each Remedy that was tried
  bool generates_ = false;         // the call is answered by a model's words
  bool streams_ = false;           // the client gets chunks
  bool said_ = false;              // something but heartbeats went out: no failover any more
  bool keeps_bodies_ = false;      // the token asks the ledger to
  bool lost_ = false;              // the client takes no more
  bool botched_ = false;           // an answer was, and is tried again
  bool last_word_ = false;         // whatever comes of this answer is told
};

}  // namespace wasat::gateway
