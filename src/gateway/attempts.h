// Attempts: all that is tried to have one call answered.
//
// Leases a credential, opens the provider's stream and waits for the first
// chunk; when that fails, the failure says whether another credential could
// help. Belongs to one exchange, which has one for each call that it makes at
// the same time; one worker.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/record.h"
#include "gateway/shared.h"

namespace wasat::gateway {

// An upstream that has begun to answer.
struct Answering {
  pool::Lease lease;
  std::unique_ptr<provider::ChunkStream> stream;
  provider::Batch first;
};

// A stream and what came first.
struct Opened {
  std::unique_ptr<provider::ChunkStream> stream;
  provider::Batch first;
};

class Attempts {
 public:
  // `cancel`: the answer is not wanted any more. All outlive this object.
  Attempts(const Shared& shared, Worker& worker, const Options& options, Record& record,
           Cancel& cancel)
      : shared_(shared), worker_(worker), options_(options), record_(record), cancel_(cancel) {}

  // Whose calls these are; until then they are those of a token that allows nothing.
  void work_for(const account::Token& token) { allows_relay_ = token.allowed.relay(); }
  // Whether others than the operator's own accounts may serve; see trust.h.
  bool trusts_relay() const {
    return gateway::trusts_relay(options_.relay_trust, allows_relay_,
                                 shared_.pool.only_transient());
  }
  // Until when there must be a first chunk, all attempts together.
  void set_deadline(Clock::Steady deadline) { deadline_ = deadline; }

  WASAT_OWN_FRAME Task<Result<Answering>> answer(const gemini::Call& call);

  // The steps, for those who do without chunks.
  WASAT_OWN_FRAME Task<Result<pool::Lease>> lease(const gemini::Call& call);
  // The first that serves such calls and may serve them to this token; null: none does.
  provider::Provider* provider_for(const gemini::Call& call) const;
  // Whose credential was leased.
  provider::Provider& provider_of(const pool::Lease& lease) const;
  provider::AttemptContext context() const;
  void note(const provider::Provider& provider, const pool::Credential& credential);
  static void settle_failure(pool::Lease& lease, const gemini::Failure& failure);
  bool may_try_again(const Error& error) const;
  // The failure that the next attempt shall make good.
  void failed(Error error) { last_error_ = std::move(error); }
  static Error no_provider();

  // What the upstream would rather have; asked for once.
  void suggest(gemini::Remedy remedy) { remedy_ = remedy; }
  gemini::Remedy take_remedy() { return std::exchange(remedy_, gemini::Remedy::kNone); }
  // No other credential can serve, whatever the call names.
  void bind_to(std::string credential_id) { bound_ = std::move(credential_id); }
  // The last credential is to be used again, if it can: it was not its fault, or it
  // knows what came before.
  void stay() {
    if (tried_.empty()) return;
    preferred_ = tried_.back()->id();
    tried_.pop_back();
  }

 private:
  bool may_serve(const provider::Provider& provider, const gemini::Call& call) const {
    return provider.serves(call) && (provider.trust() == provider::Trust::kFull || trusts_relay());
  }
  // Somebody could serve, but this token does not let him.
  bool is_left_out(const gemini::Call& call) const;
  // The names of those that serve such calls, to this token.
  struct Providers {
    std::array<std::string_view, 8> names;
    std::size_t count = 0;
    operator std::span<const std::string_view>() const { return {names.data(), count}; }
  };
  Providers providers_of(const gemini::Call& call) const;
  std::optional<Error> none_left(const gemini::Call& call) const;
  WASAT_OWN_FRAME Task<provider::Attempt<Opened>> open(const gemini::Call& call, pool::Lease& lease,
                                                       Cancel& cancel);
  // hedge.cc
  struct Racer;
  // After how long a second attempt may begin beside the first; 0: not at all.
  std::chrono::nanoseconds hedge_after(const gemini::Call& call);
  std::optional<pool::Lease> second_lease(const gemini::Call& call);
  WASAT_OWN_FRAME Task<> run(const gemini::Call& call, Racer& racer);
  // Settles the leases of those that fail.
  WASAT_OWN_FRAME Task<provider::Attempt<Answering>> race(const gemini::Call& call,
                                                          pool::Lease lease,
                                                          std::chrono::nanoseconds late);

  const Shared& shared_;
  Worker& worker_;
  const Options& options_;
  Record& record_;
  Cancel& cancel_;
  Clock::Steady deadline_;
  std::vector<const pool::Credential*> tried_;
  std::string preferred_;  // the id of the one to be used again; empty: none
  std::string bound_;
  bool allows_relay_ = false;
  std::optional<std::uint64_t> affinity_;  // of the call, once it is known
  gemini::Remedy remedy_ = gemini::Remedy::kNone;
  std::optional<Error> last_error_;
};

}  // namespace wasat::gateway
