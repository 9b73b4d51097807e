#include "admin/compat/keys.h"
#include "admin/compat/routes.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "json/writer.h"

namespace wasat::admin::compat {
namespace {

constexpr std::size_t kShortestPrefix = 4;

Reply with(int status, std::string_view member, std::string_view text) {
  Reply reply{.status = status};
  json::Writer(reply.body).begin_object().member(member, text).end_object();
  return reply;
}

// To use again, whatever has happened.
Result<> put_to_use(Context& context, const CredentialRow& row) {
  const std::string id = row.live->id();
  const bool ready = row.live->state() == pool::CredentialState::kReady;
  if (Result<> reset = context.registry.reset_credentials(std::span(&id, 1)); !reset || ready) {
    return reset;
  }
  return context.registry.set_states(std::span(&id, 1), pool::CredentialState::kReady, "");
}

Answer reset_key(Context& context, Call& call) {
  const std::string& prefix = call.parameters[0];
  if (prefix.size() < kShortestPrefix) {
    return with(404, "detail", "Key prefix must be at least 4 characters long");
  }
  const auto found = find_keys(context.registry, prefix);
  // What was sent may be a whole key: its first characters are enough to know it again.
  const std::string shown = prefix.size() <= 8 ? prefix : Secret(prefix).mask();
  if (found.empty()) return with(404, "detail", "No key found with prefix '" + shown + "'");
  if (found.size() > 1) {
    return with(
        404, "detail",
        "Multiple keys found with prefix '" + shown + "'. Please use a more specific prefix.");
  }
  const CredentialRow& row = *found.front();
  call.target = row.live->id();
  const std::string before(status_word(row, context.clock.wall()));
  if (const Result<> done = put_to_use(context, row); !done) {
    return refuse(refusal_of(done.error()));
  }
  return with(
      200, "message",
      "Successfully reset key " + row.live->secret().mask() + " from " + before + " to active");
}

Answer unfreeze(Context& context, Call& call) {
  const std::string account(call.body["account"].string_or(""));
  if (account.empty()) return with(400, "error", "Missing required field: account");
  const CredentialRow* found = context.registry.find_credential(account);
  for (const CredentialRow& row : context.registry.credentials()) {
    if (found == nullptr && row.live->name() == account) found = &row;
  }
  if (found == nullptr) return with(404, "error", "Account not found");
  call.target = found->live->id();
  if (const Result<> done = put_to_use(context, *found); !done) {
    return refuse(refusal_of(done.error()));
  }
  return with(200, "message", "Account " + found->live->name() + " is unfrozen");
}

constexpr Route kRoutes[] = {
    {.method = "POST",
     .path = "/admin/reset-key/{prefix}",
     .action = "credential.reset",
     .handle = reset_key,
     .needs = Needs::kSessionOrPassword},
    {.method = "POST",
     .path = "/v1/management/unfreeze",
     .action = "credential.reset",
     .handle = unfreeze,
     .needs = Needs::kSessionOrPassword},
};

}  // namespace

std::span<const Route> reset_routes() { return kRoutes; }

}  // namespace wasat::admin::compat
