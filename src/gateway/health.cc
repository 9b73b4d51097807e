#include "gateway/health.h"

#include <algorithm>
#include <array>

#include "gateway/together.h"

namespace wasat::gateway {
namespace {

using provider::Attempt;
using provider::Batch;

constexpr std::string_view kQuestion =
    R"({"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":1}})";

std::chrono::milliseconds since(Clock::Steady began, Clock::Steady now) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(now - began);
}

Health::Finding finding_of(const gemini::Failure& failure) {
  if (failure.defect) return Health::Finding::kDefective;
  if (failure.quota) return Health::Finding::kLimited;
  return Health::Finding::kUnknown;
}

// A credential is out of use for this, but the reason may be gone: an API enabled, an account
// paid, a restriction lifted.
bool may_be_mended(std::string_view reason) {
  using gemini::Defect;
  static constexpr std::array kMendable = {Defect::kInvalid, Defect::kExpired,
                                           Defect::kServiceDisabled, Defect::kRestricted,
                                           Defect::kBilling};
  return std::ranges::any_of(kMendable, [reason](Defect defect) {
    return reason.starts_with(gemini::defect_name(defect));
  });
}

bool rests_for_a_quota(const pool::Cooldown& cooldown) {
  return cooldown.why.starts_with("rate limited") ||
         cooldown.why.starts_with("the upstream limits");
}

bool is_in_trouble(const pool::Credential& credential, pool::WallTime now) {
  if (credential.state() != pool::CredentialState::kReady) {
    return credential.state() == pool::CredentialState::kDisabled &&
           may_be_mended(credential.state_reason());
  }
  const std::vector<pool::Cooldown> cooldowns = credential.cooldowns(now);
  if (std::ranges::any_of(cooldowns, [](const pool::Cooldown& each) {
        return each.model.empty() && rests_for_a_quota(each);
      })) {
    return false;
  }
  return credential.failures_in_a_row() > 0 ||
         std::ranges::any_of(cooldowns,
                             [](const pool::Cooldown& each) { return !rests_for_a_quota(each); });
}

// Asks, and says what failed.
Task<std::optional<gemini::Failure>> ask(provider::Provider& provider, const gemini::Call& call,
                                         const pool::Credential& credential,
                                         const provider::AttemptContext& context) {
  Attempt<std::unique_ptr<provider::ChunkStream>> stream =
      co_await provider.open(call, credential, context);
  if (!stream) co_return std::move(stream.error());
  Attempt<Batch> first = co_await (*stream)->next(context.first_byte);
  if (!first) co_return std::move(first.error());
  if (first->idle) {
    co_return gemini::Failure{.error = upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                                                      "the upstream did not answer in time")};
  }
  if (first->frames.empty()) {
    co_return gemini::Failure{.error =
                                  upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                                 "the upstream's answer was empty")};
  }
  co_return std::nullopt;
}

// Several of these work on one list.
struct Lanes {
  const Shared& shared;
  Worker& worker;
  const std::vector<pool::CredentialPtr>& credentials;
  const Probe& probe;
  const HealthTold& told;
  std::size_t next = 0;
};

Task<> pass_lane(Lanes& lanes, Cancel& cancel) {
  while (lanes.next < lanes.credentials.size() && !cancel.requested()) {
    const pool::CredentialPtr& credential = lanes.credentials[lanes.next++];
    const Health health =
        co_await check(lanes.shared, lanes.worker, credential, lanes.probe, cancel);
    if (lanes.told) lanes.told(health);
  }
}

}  // namespace

std::string_view finding_name(Health::Finding finding) {
  switch (finding) {
    case Health::Finding::kWell:
      return "well";
    case Health::Finding::kLimited:
      return "limited";
    case Health::Finding::kDefective:
      return "defective";
    case Health::Finding::kUnknown:
      break;
  }
  return "unknown";
}

Task<Health> check(const Shared& shared, Worker& worker, const pool::CredentialPtr& credential,
                   const Probe& probe, Cancel& cancel) {
  Health health{.credential_id = credential->id()};
  const auto provider = std::ranges::find(shared.providers, credential->provider(),
                                          [](provider::Provider* each) { return each->name(); });
  if (provider == shared.providers.end()) {
    health.error = "there is no provider " + credential->provider();
    co_return health;
  }
  gemini::Call call;
  call.method = gemini::Method::kGenerateContent;
  call.model = probe.model;
  call.body = Body::of(std::string(kQuestion));
  const Clock::Steady began = shared.clock.now();
  pool::Lease lease = worker.seat.probe(credential, probe.model);
  const std::shared_ptr<const Options> options = worker.options.get();
  const provider::AttemptContext context{.client = worker.client,
                                         .clock = shared.clock,
                                         .api_key = options->api_key,
                                         .cancel = cancel,
                                         .first_byte = began + probe.time};
  const std::optional<gemini::Failure> failure =
      co_await ask(**provider, call, *credential, context);
  health.took = since(began, shared.clock.now());
  if (!failure) {
    lease.settle(pool::Outcome::success());
    health.finding = Health::Finding::kWell;
    health.recovered = shared.pool.recovered(*credential, probe.model, probe.enable);
    co_return health;
  }
  health.finding = finding_of(*failure);
  health.error = failure->error.detail;
  lease.settle(failure->error.kind == ErrorKind::kCancelled ? pool::Outcome::abandoned()
                                                            : pool::Outcome::failed(*failure));
  co_return health;
}

Task<> check_many(const Shared& shared, Worker& worker,
                  const std::vector<pool::CredentialPtr>& credentials, const Probe& probe,
                  std::size_t at_once, const HealthTold& told, Cancel& cancel) {
  Lanes lanes{shared, worker, credentials, probe, told};
  const std::size_t count = std::min(std::max<std::size_t>(at_once, 1), credentials.size());
  std::vector<std::unique_ptr<Cancel>> cancels;
  Together together(worker.loop, cancel);
  for (std::size_t i = 0; i < count; ++i) {
    cancels.push_back(std::make_unique<Cancel>());
    together.start(pass_lane(lanes, *cancels.back()), *cancels.back());
  }
  while (together.running() > 0) co_await together.one_ended();
}

std::vector<pool::CredentialPtr> credentials_in_trouble(const Shared& shared, Random& random,
                                                        std::size_t most) {
  std::vector<pool::CredentialPtr> found;
  const auto credentials = shared.pool.credentials();
  const pool::WallTime now = shared.clock.wall();
  const std::size_t count = credentials->size();
  const std::size_t start = count == 0 ? 0 : random.below(count);
  for (std::size_t i = 0; i < count && found.size() < most; ++i) {
    const pool::CredentialPtr& credential = (*credentials)[(start + i) % count];
    if (is_in_trouble(*credential, now)) found.push_back(credential);
  }
  return found;
}

Task<ProxyHealth> check_proxy(http::Client& client, const net::Origin& upstream,
                              const net::Proxy* proxy, std::chrono::milliseconds at_most,
                              Cancel& cancel) {
  ProxyHealth health;
  const Clock::Steady began = std::chrono::steady_clock::now();
  const Result<net::Stream> stream = co_await client.connector().connect(
      upstream, proxy, nullptr, began + at_most, &cancel, &health.by_proxy);
  health.took = since(began, std::chrono::steady_clock::now());
  health.well = stream.has_value();
  if (!stream) health.error = stream.error().detail;
  co_return health;
}

}  // namespace wasat::gateway
