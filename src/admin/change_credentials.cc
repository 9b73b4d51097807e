#include "admin/change_credentials.h"

#include <algorithm>
#include <functional>
#include <memory>

#include "admin/credential_form.h"
#include "admin/credential_list.h"
#include "admin/credentials.h"
#include "admin/job_pages.h"
#include "admin/pasted_keys.h"
#include "admin/write_json.h"
#include "base/random.h"

namespace wasat::admin {
namespace {

// In one transaction; see add_credentials.cc.
constexpr std::size_t kAtFirst = 1000;
constexpr std::size_t kAtOnce = 10'000;
constexpr std::size_t kMostIds = 200'000;

Refusal not_stored(const Context& context, const std::string& id) {
  if (!context.registry.find_transient(id)) return not_found("credential", id);
  return conflict("this credential is a relay node, which comes and goes by itself",
                  "disable it, or show it out by DELETE /nodes/{id}");
}

// One credential, or what is asked for with ids or a filter.
using Change = std::function<Result<>(Context&, std::span<const std::string>)>;

Answer one(Context& context, const std::string& id, int status = 200) {
  const CredentialRow* row = context.registry.find_credential(id);
  const auto transient = row == nullptr ? context.registry.find_transient(id) : std::nullopt;
  if (transient) row = &*transient;
  if (row == nullptr) return refuse(not_found("credential", id));
  Reply reply{.status = status};
  json::Writer writer(reply.body);
  write_credential(writer, *row, context.clock.wall());
  return reply;
}

Answer change_one(Context& context, Call& call, const Change& change) {
  const std::string& id = call.parameters[0];
  call.target = id;
  if (context.registry.find_live(id) == nullptr) return refuse(not_found("credential", id));
  if (Result<> done = change(context, std::span(&id, 1)); !done) {
    return refuse(refusal_of(done.error()));
  }
  return one(context, id);
}

std::string changed_text(std::size_t changed, std::size_t skipped) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object()
      .member("changed", static_cast<std::int64_t>(changed))
      .member("skipped", static_cast<std::int64_t>(skipped))
      .end_object();
  return text;
}

Answer change_many(Context& context, Call& call, std::string kind, std::vector<std::string> ids,
                   std::size_t skipped, Change change) {
  call.target = std::to_string(ids.size()) + " credentials";
  const std::size_t total = ids.size();
  Jobs::Step step = [&context, ids = std::move(ids), skipped,
                     change = std::move(change)](Job& job) {
    const std::size_t count = std::min(job.done == 0 ? kAtFirst : kAtOnce, ids.size() - job.done);
    const std::span<const std::string> now(ids.data() + job.done, count);
    if (count > 0) {
      if (Result<> done = change(context, now); !done) {
        job.problem = done.error().detail + " (" + std::to_string(job.done) + " were changed)";
        return true;
      }
    }
    job.done += count;
    if (job.done < ids.size()) return false;
    job.result = changed_text(job.done, skipped);
    return true;
  };
  return job_answer(*context.jobs.start(std::move(kind), total, std::move(step)));
}

Change enabling() {
  return [](Context& context, std::span<const std::string> ids) {
    return context.registry.set_states(ids, pool::CredentialState::kReady, "");
  };
}

Change disabling(const std::string& why) {
  std::string reason(kByPerson);
  if (!why.empty()) reason += ": " + why;
  return [reason](Context& context, std::span<const std::string> ids) {
    return context.registry.set_states(ids, pool::CredentialState::kDisabled, reason);
  };
}

Change resetting() {
  return [](Context& context, std::span<const std::string> ids) {
    return context.registry.reset_credentials(ids);
  };
}

Change removing() {
  return [](Context& context, std::span<const std::string> ids) {
    return context.registry.remove_credentials(ids);
  };
}

Answer add_one(Context& context, Call& call) {
  Fields fields(call.body);
  const std::string provider = read_provider(fields);
  const CredentialForm form = read_credential_form(fields);
  const std::optional<std::string> key = fields.text("key", 4096);
  fields.require("key", key.has_value());
  if (key) {
    if (const std::string problem = key_problem(*key); !problem.empty()) {
      fields.wrong("key", "the key " + problem);
    }
  }
  if (const auto problem = fields.problem()) return refuse(*problem);
  const store::Time now = store::to_time(context.clock.wall());
  store::Credential row{.id = std::string(secure_text(20).reveal()),
                        .provider = provider,
                        .secret = Secret(*key),
                        .created = now,
                        .updated = now};
  form.apply(row);
  const std::string id = row.id;
  call.target = id;
  if (context.registry.fingerprints().contains(
          context.registry.fingerprint(provider, row.secret))) {
    return refuse(conflict("the credential " + row.secret.mask() + " is in the pool already",
                           "search for it, and edit that one"));
  }
  std::vector<store::Credential> rows;
  rows.push_back(std::move(row));
  if (Result<> added = context.registry.add_credentials(std::move(rows)); !added) {
    return refuse(refusal_of(added.error()));
  }
  return one(context, id, 201);
}

Answer edit_one(Context& context, Call& call) {
  call.target = call.parameters[0];
  const CredentialRow* known = context.registry.find_credential(call.parameters[0]);
  if (known == nullptr) return refuse(not_stored(context, call.parameters[0]));
  Fields fields(call.body);
  const CredentialForm form = read_credential_form(fields);
  if (form.name && known->from_environment) {
    fields.wrong("name", "credentials of the environment are named by their place in it");
  }
  if (const auto problem = fields.problem()) return refuse(*problem);
  store::Credential row = context.registry.stored(*known);
  form.apply(row);
  std::vector<store::Credential> rows;
  rows.push_back(std::move(row));
  if (Result<> edited = context.registry.edit_credentials(std::move(rows)); !edited) {
    return refuse(refusal_of(edited.error()));
  }
  return one(context, call.parameters[0]);
}

Answer enable_one(Context& context, Call& call) { return change_one(context, call, enabling()); }
Answer reset_one(Context& context, Call& call) { return change_one(context, call, resetting()); }

Answer disable_one(Context& context, Call& call) {
  Fields fields(call.body);
  const std::string why = fields.text("reason", 200).value_or("");
  if (const auto problem = fields.problem()) return refuse(*problem);
  return change_one(context, call, disabling(why));
}

Answer remove_one(Context& context, Call& call) {
  call.target = call.parameters[0];
  const CredentialRow* row = context.registry.find_credential(call.parameters[0]);
  if (row == nullptr) return refuse(not_stored(context, call.parameters[0]));
  if (row->from_environment) {
    return refuse(conflict("this credential is given by the environment or the configuration file",
                           "remove it from gemini.api_keys (GEMINI_API_KEYS), or disable it"));
  }
  if (Result<> removed = context.registry.remove_credentials(call.parameters); !removed) {
    return refuse(refusal_of(removed.error()));
  }
  return no_content();
}

Answer enable_many(Context& context, Call& call) {
  Fields fields(call.body);
  std::vector<std::string> ids = selected_credentials(context, fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  return change_many(context, call, "credentials.enable", std::move(ids), 0, enabling());
}

Answer disable_many(Context& context, Call& call) {
  Fields fields(call.body);
  std::vector<std::string> ids = selected_credentials(context, fields);
  const std::string why = fields.text("reason", 200).value_or("");
  if (const auto problem = fields.problem()) return refuse(*problem);
  return change_many(context, call, "credentials.disable", std::move(ids), 0, disabling(why));
}

Answer reset_many(Context& context, Call& call) {
  Fields fields(call.body);
  std::vector<std::string> ids = selected_credentials(context, fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  return change_many(context, call, "credentials.reset", std::move(ids), 0, resetting());
}

Answer remove_many(Context& context, Call& call) {
  Fields fields(call.body);
  std::vector<std::string> ids = selected_credentials(context, fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  // Those of the environment would come back.
  const std::size_t skipped = std::erase_if(ids, [&](const std::string& id) {
    return context.registry.find_credential(id)->from_environment;
  });
  return change_many(context, call, "credentials.delete", std::move(ids), skipped, removing());
}

Answer edit_many(Context& context, Call& call) {
  Fields fields(call.body);
  std::vector<std::string> ids = selected_credentials(context, fields);
  Fields changes(fields.object("set"), "set");
  const CredentialForm form = read_credential_form(changes);
  if (form.name) changes.wrong("name", "one name cannot be that of many");
  if (const auto problem = fields.problem()) return refuse(*problem);
  if (const auto problem = changes.problem()) return refuse(*problem);
  Change editing = [form](Context& in, std::span<const std::string> some) {
    std::vector<store::Credential> rows;
    for (const std::string& id : some) {
      const CredentialRow* known = in.registry.find_credential(id);
      if (known == nullptr) continue;
      rows.push_back(in.registry.stored(*known));
      form.apply(rows.back());
    }
    return in.registry.edit_credentials(std::move(rows));
  };
  return change_many(context, call, "credentials.edit", std::move(ids), 0, std::move(editing));
}

constexpr std::size_t kMostSelection = 8u << 20;

constexpr Route kRoutes[] = {
    {.method = "POST", .path = "/credentials", .action = "credential.add", .handle = add_one},
    {.method = "PATCH",
     .path = "/credentials/{id}",
     .action = "credential.edit",
     .handle = edit_one},
    {.method = "DELETE",
     .path = "/credentials/{id}",
     .action = "credential.delete",
     .handle = remove_one},
    {.method = "POST",
     .path = "/credentials/{id}/enable",
     .action = "credential.enable",
     .handle = enable_one},
    {.method = "POST",
     .path = "/credentials/{id}/disable",
     .action = "credential.disable",
     .handle = disable_one},
    {.method = "POST",
     .path = "/credentials/{id}/reset",
     .action = "credential.reset",
     .handle = reset_one},
    {.method = "POST",
     .path = "/credentials/enable",
     .action = "credentials.enable",
     .handle = enable_many,
     .most_body = kMostSelection},
    {.method = "POST",
     .path = "/credentials/disable",
     .action = "credentials.disable",
     .handle = disable_many,
     .most_body = kMostSelection},
    {.method = "POST",
     .path = "/credentials/reset",
     .action = "credentials.reset",
     .handle = reset_many,
     .most_body = kMostSelection},
    {.method = "POST",
     .path = "/credentials/delete",
     .action = "credentials.delete",
     .handle = remove_many,
     .most_body = kMostSelection},
    {.method = "POST",
     .path = "/credentials/edit",
     .action = "credentials.edit",
     .handle = edit_many,
     .most_body = kMostSelection},
};

}  // namespace

std::vector<std::string> selected_credentials(Context& context, Fields& fields) {
  std::vector<std::string> ids;
  const bool by_ids = fields.has("ids");
  if (by_ids == fields.has("filter")) {
    fields.wrong("ids", "exactly one of ids and filter is wanted",
                 "{\"ids\": [\"...\"]}, or {\"filter\": {}} for all");
    return ids;
  }
  if (by_ids) {
    std::unordered_set<std::string> seen;
    for (std::string& id : fields.texts("ids", kMostIds).value_or(std::vector<std::string>())) {
      if (context.registry.find_credential(id) != nullptr && seen.insert(id).second) {
        ids.push_back(std::move(id));
      }
    }
    return ids;
  }
  Fields own(fields.object("filter"), "filter");
  std::expected<CredentialFilter, Refusal> filter = read_filter(own);
  if (!filter) {
    fields.wrong(filter.error().field, filter.error().message, filter.error().remedy);
    return ids;
  }
  const pool::WallTime now = context.clock.wall();
  for (const CredentialRow& row : context.registry.credentials()) {
    if (filter->matches(row, now)) ids.push_back(row.live->id());
  }
  return ids;
}

std::span<const Route> change_credentials_routes() { return kRoutes; }

}  // namespace wasat::admin
