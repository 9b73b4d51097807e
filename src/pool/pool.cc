#include "pool/pool.h"

#include <algorithm>

namespace wasat::pool {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t kDefaultMaxFailures = 3;
constexpr seconds kDefaultCoolingPeriod{300};

// base doubling with each failure in a row, up to `most`.
seconds doubled(seconds base, seconds most, std::uint32_t failures_in_a_row) {
  const std::uint32_t doublings = std::min(failures_in_a_row, 16u);
  return std::min(most, base * (std::int64_t{1} << (doublings > 0 ? doublings - 1 : 0)));
}

std::int64_t unix_milliseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

auto find_id(const CredentialList& credentials, std::string_view id) {
  return std::ranges::find_if(credentials,
                              [id](const CredentialPtr& each) { return each->id() == id; });
}

// The credential with this id when it can serve.
const CredentialPtr* find_eligible(const CredentialList& credentials, std::string_view id,
                                   const Demand& demand, WallTime now) {
  const auto found = find_id(credentials, id);
  return found != credentials.end() && eligible(demand, **found, now) ? &*found : nullptr;
}

}  // namespace

Lease::Lease(Pool& pool, CredentialPtr credential, std::string model)
    : pool_(&pool), credential_(std::move(credential)), model_(std::move(model)) {
  credential_->counters().leased.fetch_add(1, std::memory_order_relaxed);
}

Lease::~Lease() {
  if (credential_ != nullptr) settle(Outcome::abandoned());
}

void Lease::settle(const Outcome& outcome) {
  const CredentialPtr credential = std::move(credential_);
  if (credential == nullptr) return;
  credential->counters().leased.fetch_sub(1, std::memory_order_relaxed);
  pool_->settle(*credential, model_, outcome);
}

Pool::Pool(const Clock& clock, PoolOptions options, std::unique_ptr<Scheduler> scheduler,
           PoolListener* listener)
    : clock_(clock),
      options_(options),
      scheduler_(std::move(scheduler)),
      listener_(listener),
      credentials_(std::make_shared<const CredentialList>()) {}

void Pool::replace(CredentialList credentials) {
  credentials_.publish(std::make_shared<const CredentialList>(std::move(credentials)));
}

Task<Result<Lease>> Pool::lease(Demand demand) {
  const std::shared_ptr<const CredentialList> credentials = credentials_.get();
  const WallTime now = clock_.wall();
  const CredentialPtr* chosen = nullptr;
  if (!demand.only.empty()) {
    chosen = find_eligible(*credentials, demand.only, demand, now);
  } else {
    if (demand.preferred == nullptr && !demand.home.empty()) {
      chosen = find_eligible(*credentials, demand.home, demand, now);
      if (chosen != nullptr && was_tried(demand, **chosen)) chosen = nullptr;
    }
    if (chosen == nullptr) chosen = scheduler_->choose(*credentials, demand, now);
  }
  if (chosen == nullptr) co_return fail(none_eligible(*credentials, demand, now));
  Lease lease(*this, *chosen, std::string(demand.model));
  lease.repeated = was_tried(demand, **chosen);
  co_return lease;
}

// Of the one credential that could have served.
Error Pool::owner_not_eligible(const CredentialList& credentials, const Demand& demand,
                               WallTime now) {
  const auto found = find_id(credentials, demand.only);
  if (found == credentials.end() || (*found)->provider() != demand.provider) {
    return internal_error(
        "the credential that owns what this request names (" + std::string(demand.only) +
            ") is not in the pool any more. Add it again, or make the resource anew.",
        ErrorKind::kNoCredential);
  }
  if ((*found)->state() != CredentialState::kReady) {
    return internal_error(
        "the credential that owns what this request names (" + std::string(demand.only) +
            ") is out of use; GET /stats says why. Mend it, or make the resource anew.",
        ErrorKind::kNoCredential);
  }
  const WallTime at = (*found)->available_at(demand.model);
  if (at == WallTime::max()) {
    return internal_error("the credential that owns what this request names has no quota for " +
                              std::string(demand.model) + ". Choose another model.",
                          ErrorKind::kQuotaExhausted);
  }
  const auto wait = std::max(std::chrono::ceil<seconds>(at - now), seconds(1));
  Error error = internal_error(
      "the credential that owns what this request names is resting after the upstream's rate "
      "limits, and no other can serve it. Please try again in " +
          std::to_string(wait.count()) + "s.",
      wait > minutes(15) ? ErrorKind::kQuotaExhausted : ErrorKind::kRateLimited);
  error.retry_after = wait;
  return error;
}

Error Pool::none_eligible(const CredentialList& credentials, const Demand& demand,
                          WallTime now) const {
  if (!demand.only.empty()) return owner_not_eligible(credentials, demand, now);
  std::size_t disabled = 0;
  std::size_t never = 0;
  WallTime earliest = WallTime::max();
  for (const CredentialPtr& credential : credentials) {
    if (credential->provider() != demand.provider) continue;
    if (credential->state() != CredentialState::kReady) {
      ++disabled;
      continue;
    }
    const WallTime at = credential->available_at(demand.model);
    if (at == WallTime::max()) ++never;
    earliest = std::min(earliest, at);
  }
  if (earliest != WallTime::max()) {
    const auto wait = std::max(std::chrono::ceil<seconds>(earliest - now), seconds(1));
    // Longer than a client should hold its breath: it must not hammer us meanwhile.
    Error error = internal_error(
        "all credentials that could serve this are resting after the upstream's rate limits. "
        "Please try again in " +
            std::to_string(wait.count()) + "s.",
        wait > minutes(15) ? ErrorKind::kQuotaExhausted : ErrorKind::kRateLimited);
    error.retry_after = wait;
    return error;
  }
  if (never > 0) {
    return internal_error("no credential has any quota for the model " + std::string(demand.model) +
                              ". Choose another model, or add a credential that has.",
                          ErrorKind::kQuotaExhausted);
  }
  if (disabled > 0) {
    return internal_error("all " + std::to_string(disabled) +
                              " credentials are disabled; GET /stats says why. Mend or replace "
                              "them, for instance by GEMINI_API_KEYS.",
                          ErrorKind::kNoCredential);
  }
  return internal_error(
      "the pool holds no credential yet. Start Wasat with GEMINI_API_KEYS=your-key (from "
      "https://aistudio.google.com/apikey).",
      ErrorKind::kNoCredential);
}

void Pool::settle(Credential& credential, const std::string& model, const Outcome& outcome) {
  Credential::Counters& counters = credential.counters();
  switch (outcome.kind) {
    case Outcome::Kind::kAbandoned:
      return;
    case Outcome::Kind::kSuccess:
      counters.attempts.fetch_add(1, std::memory_order_relaxed);
      counters.successes.fetch_add(1, std::memory_order_relaxed);
      counters.last_success.store(unix_milliseconds(clock_.wall()), std::memory_order_relaxed);
      if (counters.failures_in_a_row.load(std::memory_order_relaxed) != 0) {
        counters.failures_in_a_row.store(0, std::memory_order_relaxed);
      }
      return;
    case Outcome::Kind::kFailure:
      counters.attempts.fetch_add(1, std::memory_order_relaxed);
      settle_failure(credential, model, *outcome.failure);
      return;
  }
}

void Pool::settle_failure(Credential& credential, const std::string& model,
                          const gemini::Failure& failure) {
  Credential::Counters& counters = credential.counters();
  if (failure.blame == gemini::Blame::kNobody && !failure.quota && !failure.defect) return;
  counters.last_failure.store(unix_milliseconds(clock_.wall()), std::memory_order_relaxed);
  if (failure.blame == gemini::Blame::kCredential) {
    counters.failures_in_a_row.fetch_add(1, std::memory_order_relaxed);
  }
  if (failure.defect) {
    const bool person = *failure.defect == gemini::Defect::kValidationRequired;
    credential.set_state(person ? CredentialState::kNeedsPerson : CredentialState::kDisabled,
                         std::string(gemini::defect_name(*failure.defect)) + ": " +
                             std::string(gemini::defect_action(*failure.defect)));
    if (listener_ != nullptr) listener_->state_changed(credential);
    return;
  }
  if (const std::optional<Cooldown> cooldown = cooldown_after(credential, model, failure)) {
    credential.cool(*cooldown);
    if (listener_ != nullptr) listener_->cooled(credential, *cooldown);
  }
}

std::optional<Cooldown> Pool::cooldown_after(Credential& credential, const std::string& model,
                                             const gemini::Failure& failure) const {
  const WallTime now = clock_.wall();
  const std::uint32_t in_a_row =
      credential.counters().failures_in_a_row.load(std::memory_order_relaxed);
  if (failure.quota) {
    const gemini::QuotaFailure& quota = *failure.quota;
    const std::string why =
        quota.quota_id.empty() ? "rate limited" : "rate limited (" + quota.quota_id + ")";
    const std::string scope = quota.whole_credential ? "" : model;
    if (quota.until) return Cooldown{scope, *quota.until, why};
    if (!options_.max_failures && !options_.cooling_period) {
      return Cooldown{scope, now + doubled(seconds(60), minutes(45), in_a_row), why};
    }
  }
  if (options_.max_failures || options_.cooling_period) {
    if (in_a_row < options_.max_failures.value_or(kDefaultMaxFailures)) return std::nullopt;
    return Cooldown{"", now + options_.cooling_period.value_or(kDefaultCoolingPeriod),
                    std::to_string(in_a_row) + " failures in a row"};
  }
  if (failure.blame != gemini::Blame::kCredential) return std::nullopt;
  return Cooldown{"", now + doubled(seconds(5), minutes(30), in_a_row), failure.error.detail};
}

}  // namespace wasat::pool
