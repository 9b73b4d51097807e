// What a failed attempt means for its credential: the rules of cooldowns.

#include <algorithm>
#include <cmath>

#include "pool/pool.h"

namespace wasat::pool {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t kDefaultMaxFailures = 3;
constexpr seconds kDefaultCoolingPeriod{300};

// When nobody says how long.
constexpr seconds kFirstRateLimit{60};
constexpr seconds kLongestRateLimit{45 * 60};
constexpr seconds kFirstFault{5};
constexpr seconds kLongestFault{30 * 60};
constexpr seconds kFirstAddressLimit{2};
constexpr seconds kLongestAddressLimit{30};

// A row of faults is the credential's own when it would come about by the faults that
// all meet less often than this.
constexpr double kUnlikely = 0.02;
constexpr double kLeastFaultShare = 0.1;

// What a failure says about the chance of the next attempt, in outcomes.
constexpr float kOfTheModel = 0.25F;  // overload: it may have met anybody

// base doubling with each failure in a row, up to `most`.
seconds doubled(seconds base, seconds most, std::uint32_t failures_in_a_row) {
  const std::uint32_t doublings = std::min(failures_in_a_row, 16u);
  return std::min(most, base * (std::int64_t{1} << (doublings > 0 ? doublings - 1 : 0)));
}

// Up to a tenth more, so that what was refused together does not come back together.
std::chrono::nanoseconds with_jitter(seconds time, Random& random) {
  const auto nanoseconds = std::chrono::nanoseconds(time);
  return nanoseconds + std::chrono::nanoseconds(static_cast<std::int64_t>(
                           static_cast<double>(nanoseconds.count()) * 0.1 * random.unit()));
}

bool simple_policy(const PoolOptions& options) {
  return options.max_failures.has_value() || options.cooling_period.has_value();
}

}  // namespace

void Pool::judge(Credential& credential, std::string_view model, Pace* pace,
                 const gemini::Failure& failure, Moment now, Random& random) {
  // The client's own mistake says nothing about the credential, nor does what failed on our
  // side of the upstream, such as a proxy.
  if (failure.error.source != ErrorSource::kUpstream ||
      failure.error.kind == ErrorKind::kCancelled) {
    return;
  }
  credential.counters_.last_failure.store(unix_milliseconds(now.steady), std::memory_order_relaxed);
  if (failure.defect) {
    const bool person = *failure.defect == gemini::Defect::kValidationRequired;
    credential.failures_in_a_row_.count_one();
    credential.posterior_.observe(0, 1, now.steady);
    credential.set_state(person ? CredentialState::kNeedsPerson : CredentialState::kDisabled,
                         std::string(gemini::defect_name(*failure.defect)) + ": " +
                             std::string(gemini::defect_action(*failure.defect)));
    refresh(credential, now.steady);
    if (listener_ != nullptr) listener_->state_changed(credential);
    return;
  }
  if (failure.quota) return judge_quota(credential, model, failure, now, random);
  if (failure.blame == gemini::Blame::kCredential) {
    credential.posterior_.observe(0, 1, now.steady);
    return blame(credential, {.model = {}, .until = {}, .why = failure.error.detail}, kFirstFault,
                 kLongestFault, now, random);
  }
  judge_fault(credential, model, pace, failure, now, random);
}

// Rate limits and quotas: the upstream's word first.
void Pool::judge_quota(Credential& credential, std::string_view model,
                       const gemini::Failure& failure, Moment now, Random& random) {
  const gemini::QuotaFailure& quota = *failure.quota;
  Cooldown cooldown{
      .model = quota.whole_credential ? std::string() : std::string(model),
      .until = {},
      .why = quota.quota_id.empty() ? "rate limited" : "rate limited (" + quota.quota_id + ")"};
  if (quota.until) {
    credential.posterior_.observe(0, 1, now.steady);
    if (failure.blame == gemini::Blame::kCredential) {
      credential.failures_in_a_row_.count_one();
    }
    cooldown.until = *quota.until;
    return cool(credential, cooldown, now);
  }
  const AddressWatch::Verdict verdict = address_.refused(credential.number_, model, now.steady);
  if (!verdict.address) {
    credential.posterior_.observe(0, 1, now.steady);
    return blame(credential, std::move(cooldown), kFirstRateLimit, kLongestRateLimit, now, random);
  }
  // All rest for a moment, so that the address is not limited for longer; nobody is to blame.
  const seconds pause = doubled(kFirstAddressLimit, kLongestAddressLimit, verdict.refusals / 8 + 1);
  cooldown.why = "the upstream limits this server's address";
  cooldown.until =
      now.wall + std::chrono::duration_cast<WallTime::duration>(with_jitter(pause, random));
  for (const AddressWatch::Suspect& each : verdict.innocent) {
    const std::shared_ptr<const Roster> roster = roster_.get();
    Credential* suspect = roster->by_number(each.credential).credential;
    if (suspect == nullptr || !suspect->clear_cooldown(each.model)) continue;
    suspect->failures_in_a_row_.end();
    if (listener_ != nullptr) listener_->cooldown_cleared(*suspect, each.model);
    cooldown.model = each.model;
    cool(*suspect, cooldown, now);
  }
  cooldown.model = quota.whole_credential ? std::string() : std::string(model);
  cool(credential, cooldown, now);
}

// The upstream failed. It is the credential's own fault only if the others fare better.
void Pool::judge_fault(Credential& credential, std::string_view model, Pace* pace,
                       const gemini::Failure& failure, Moment now, Random& random) {
  const bool models = failure.blame == gemini::Blame::kModel;
  // A page that is no Google error: the address, or something on the way.
  if (failure.error.kind == ErrorKind::kRateLimited && !models) return;
  credential.posterior_.observe(0, models ? kOfTheModel : 1, now.steady);
  const std::uint32_t in_a_row = credential.faults_in_a_row_.count_one();
  if (pace == nullptr) return;
  pace->add_fault(now.steady);
  const double share = std::max(kLeastFaultShare, pace->fault_share(now.steady));
  if (std::pow(share, in_a_row) > kUnlikely) return;
  blame(credential,
        {.model = std::string(model),
         .until = {},
         .why = std::to_string(in_a_row) +
                " failures in a row that others do not have: " + failure.error.detail},
        kFirstFault, kLongestFault, now, random);
}

// A failure that counts against the credential; how long it rests is ours to say.
void Pool::blame(Credential& credential, Cooldown cooldown, seconds base, seconds most, Moment now,
                 Random& random) {
  const std::uint32_t in_a_row = credential.failures_in_a_row_.count_one();
  std::chrono::nanoseconds time = with_jitter(doubled(base, most, in_a_row), random);
  const std::shared_ptr<const PoolOptions> options = options_.get();
  if (simple_policy(*options)) {
    if (in_a_row < options->max_failures.value_or(kDefaultMaxFailures)) return;
    time = options->cooling_period.value_or(kDefaultCoolingPeriod);
    cooldown.model.clear();
    cooldown.why = std::to_string(in_a_row) + " failures in a row";
  }
  cooldown.until = now.wall + std::chrono::duration_cast<WallTime::duration>(time);
  cooldown.half_open = true;
  cool(credential, cooldown, now);
}

void Pool::cool(Credential& credential, const Cooldown& cooldown, Moment now) {
  credential.cool(cooldown, now);
  refresh(credential, now.steady);
  if (listener_ != nullptr) listener_->cooled(credential, cooldown);
}

}  // namespace wasat::pool
