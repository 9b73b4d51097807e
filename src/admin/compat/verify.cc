#include "admin/compat/keys.h"
#include "admin/compat/routes.h"
#include "admin/context.h"
#include "admin/write_json.h"
#include "gateway/health.h"
#include "json/writer.h"

namespace wasat::admin::compat {
namespace {

using gateway::Health;

constexpr std::size_t kAtOnce = 8;
// The originals answer when all is done; more at a time are for /credentials/verify, a job.
constexpr std::size_t kMostKeys = 100;

// A key that is asked about, and how answers name it.
struct Key {
  pool::CredentialPtr credential;
  std::string shown;
};

Reply about_one(const std::vector<Health>& found) {
  Reply reply;
  json::Writer writer(reply.body);
  const bool well = !found.empty() && found.front().finding == Health::Finding::kWell;
  writer.begin_object().member("status", well ? "valid" : "invalid");
  text_or_null(writer, "error", found.empty() ? "it could not be asked" : found.front().error);
  writer.end_object();
  return reply;
}

Reply about_many(const std::vector<Key>& keys, const std::vector<Health>& found) {
  const auto shown = [&](const Health& health) {
    for (const Key& key : keys) {
      if (key.credential->id() == health.credential_id) return key.shown;
    }
    return health.credential_id;
  };
  Reply reply;
  json::Writer writer(reply.body);
  std::int64_t valid = 0;
  writer.begin_object().member("success", true).key("successful_keys").begin_array();
  for (const Health& health : found) {
    if (health.finding != Health::Finding::kWell) continue;
    writer.string(shown(health));
    ++valid;
  }
  writer.end_array().key("failed_keys").begin_object();
  for (const Health& health : found) {
    if (health.finding == Health::Finding::kWell) continue;
    writer.key_escaped(shown(health)).string(health.error);
  }
  writer.end_object()
      .member("valid_count", valid)
      .member("invalid_count", static_cast<std::int64_t>(found.size()) - valid)
      .end_object();
  return reply;
}

Task<Answer> verify(const gateway::Shared& shared, gateway::Worker& worker, std::vector<Key> keys,
                    bool one, Cancel& cancel) {
  const gateway::Probe probe{.model = worker.options.get()->health_model, .enable = false};
  std::vector<pool::CredentialPtr> credentials;
  for (const Key& key : keys) credentials.push_back(key.credential);
  std::vector<Health> found;
  const gateway::HealthTold told = [&found](const Health& health) { found.push_back(health); };
  co_await gateway::check_many(shared, worker, credentials, probe, kAtOnce, told, cancel);
  co_return one ? about_one(found) : about_many(keys, found);
}

Answer begin(Call& call, std::vector<Key> keys, bool one) {
  call.target = one ? keys.front().credential->id() : std::to_string(keys.size()) + " credentials";
  call.later = [keys = std::move(keys), one](const gateway::Shared& shared, gateway::Worker& worker,
                                             Cancel& cancel) {
    return verify(shared, worker, keys, one, cancel);
  };
  return Reply{};
}

// POST /gemini/v1beta/verify-key/{key}
Answer verify_one(Context& context, Call& call) {
  const auto found = find_keys(context.registry, call.parameters[0]);
  if (found.size() != 1) return refuse(not_found("such key", {}));
  std::vector<Key> keys;
  keys.push_back({found.front()->live, shown_key(*found.front())});
  return begin(call, std::move(keys), true);
}

// POST /gemini/v1beta/verify-selected-keys {"keys": [...]}
Answer verify_selected(Context& context, Call& call) {
  std::vector<Key> keys;
  for (const json::Value key : call.body["keys"]) {
    const auto found = find_keys(context.registry, key.string_or(""));
    if (found.size() == 1) keys.push_back({found.front()->live, shown_key(*found.front())});
  }
  if (keys.empty()) return refuse(bad_field("keys", "none of these keys is known"));
  if (keys.size() > kMostKeys) {
    return refuse(bad_field("keys", "more than 100 keys at once",
                            "POST /api/admin/v1/credentials/verify does it as a job"));
  }
  return begin(call, std::move(keys), false);
}

constexpr Route kRoutes[] = {
    {.method = "POST",
     .path = "/gemini/v1beta/verify-key/{key}",
     .action = "credential.verify",
     .handle = verify_one,
     .needs = Needs::kSessionOrPassword},
    {.method = "POST",
     .path = "/gemini/v1beta/verify-selected-keys",
     .action = "credentials.verify",
     .handle = verify_selected,
     .needs = Needs::kSessionOrPassword},
};

}  // namespace

std::span<const Route> verify_routes() { return kRoutes; }

}  // namespace wasat::admin::compat
