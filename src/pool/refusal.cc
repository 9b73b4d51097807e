// What is said when no credential can be leased.

#include <algorithm>

#include "pool/pool.h"

namespace wasat::pool {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Longer than a client should hold its breath: it must not hammer us meanwhile.
constexpr minutes kLongBreath{15};

seconds wait_until(Ticks at, Ticks now) {
  return std::max(std::chrono::ceil<seconds>(std::chrono::nanoseconds(at - now)), seconds(1));
}

Error try_again(std::string what, seconds wait) {
  Error error = internal_error(
      std::move(what) + " Please try again in " + std::to_string(wait.count()) + "s.",
      wait > kLongBreath ? ErrorKind::kQuotaExhausted : ErrorKind::kRateLimited);
  error.retry_after = wait;
  return error;
}

}  // namespace

// Of the one credential that could have served.
Pool::Refusal Pool::owner_refusal(const Roster& roster, const Demand& demand, Moment now) {
  const CredentialPtr* found = roster.find(demand.only);
  if (found == nullptr || !is_demanded(demand, (*found)->provider())) {
    return {internal_error(
        "the credential that owns what this request names (" + std::string(demand.only) +
            ") is not in the pool any more. Add it again, or make the resource anew.",
        ErrorKind::kNoCredential)};
  }
  const Credential& owner = **found;
  if (owner.state() != CredentialState::kReady) {
    return {internal_error(
        "the credential that owns what this request names (" + std::string(demand.only) +
            ") is out of use; GET /stats says why. Mend it, or make the resource anew.",
        ErrorKind::kNoCredential)};
  }
  const Ticks at = std::max(owner.rests_until(), owner.model_rests_until(demand.model));
  if (at == kNever) {
    return {internal_error("the credential that owns what this request names has no quota for " +
                               std::string(demand.model) + ". Choose another model.",
                           ErrorKind::kQuotaExhausted)};
  }
  if (at <= now.steady) {
    return {try_again("the credential that owns what this request names is busy, and no other can "
                      "serve it.",
                      seconds(1)),
            now.steady};
  }
  return {try_again("the credential that owns what this request names is resting after the "
                    "upstream's rate limits, and no other can serve it.",
                    wait_until(at, now.steady)),
          at};
}

Pool::Refusal Pool::refusal(const Roster& roster, const Demand& demand, const ModelName& model,
                            Moment now) const {
  if (!demand.only.empty()) return owner_refusal(roster, demand, now);
  Roster::Standings standings;
  {
    const std::lock_guard lock(index_mutex_);
    standings = newest_->standings(model, demand.providers);
  }
  if (standings.of(Standing::kBusy) + standings.of(Standing::kAvailable) > 0) {
    return {try_again("all credentials that could serve this are busy.", seconds(1)), now.steady};
  }
  if (standings.earliest != kNever) {
    return {try_again("all credentials that could serve this are resting after the upstream's "
                      "rate limits.",
                      wait_until(standings.earliest, now.steady)),
            standings.earliest};
  }
  if (standings.of(Standing::kNoQuota) > 0) {
    return {internal_error("no credential has any quota for the model " +
                               std::string(demand.model) +
                               ". Choose another model, or add a credential that has.",
                           ErrorKind::kQuotaExhausted)};
  }
  if (const std::size_t disabled = standings.of(Standing::kDisabled); disabled > 0) {
    return {internal_error("all " + std::to_string(disabled) +
                               " credentials are disabled; GET /stats says why. Mend or replace "
                               "them, for instance by GEMINI_API_KEYS.",
                           ErrorKind::kNoCredential)};
  }
  return {internal_error(
      "the pool holds no credential yet. Start Wasat with GEMINI_API_KEYS=your-key (from "
      "https://aistudio.google.com/apikey).",
      ErrorKind::kNoCredential)};
}

}  // namespace wasat::pool
