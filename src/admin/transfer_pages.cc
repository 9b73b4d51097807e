#include "admin/transfer_pages.h"

#include "admin/apply_import.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/transfer/export_document.h"
#include "admin/transfer/gather.h"
#include "admin/transfer/import_plan.h"
#include "admin/transfer/read_import.h"
#include "admin/write_json.h"
#include "base/base64.h"
#include "base/random.h"

namespace wasat::admin {
namespace {

using transfer::Mode;
using transfer::Report;

constexpr std::size_t kMostImport = 128u << 20;
constexpr std::size_t kLongestPassword = 1024;

Answer export_everything(Context& context, Call& call) {
  Fields fields(call.body);
  const auto password = fields.text("password", kLongestPassword);
  const auto passphrase = fields.text("passphrase", account::kLongestPassphrase);
  fields.require("password", password.has_value());
  fields.require("passphrase", passphrase.has_value());
  if (const auto problem = fields.problem()) return refuse(*problem);
  // Whoever sits down at an open session must not guess on without end.
  if (const auto wait = context.throttle.begin(call.address)) {
    return refuse({.status = 429,
                   .code = "too_many_tries",
                   .message = "too many wrong passwords came from this address",
                   .retry_after = wait});
  }
  if (!context.password.verify(*password)) {
    return refuse({.status = 403,
                   .code = "wrong_password",
                   .message = "the admin password is wrong",
                   .field = "password"});
  }
  context.throttle.succeeded(call.address);
  Result<std::string> text = transfer::write_export(
      transfer::gather(contents_of(context), context.keys, context.known_settings,
                       {.texts = context.registry.from_settings().tokens,
                        .allowed = context.registry.from_settings().tokens_allowed,
                        .relay = context.registry.from_settings().relay_tokens}),
      Secret(*passphrase),
      {.made_by = WASAT_VERSION, .made = store::to_time(context.clock.wall())});
  if (!text) return refuse(refusal_of(text.error()));
  Reply reply{.body = std::move(*text)};
  reply.headers.emplace_back("Content-Disposition", "attachment; filename=\"wasat-export.json\"");
  return reply;
}

void write_report(json::Writer& writer, const Report& report) {
  writer.key("counts").begin_object();
  for (const auto kind :
       {transfer::Kind::kCredential, transfer::Kind::kToken, transfer::Kind::kSetting,
        transfer::Kind::kAlias, transfer::Kind::kPassword, transfer::Kind::kOther}) {
    writer.key(transfer::kind_name(kind)).begin_object();
    for (const auto outcome :
         {transfer::Outcome::kAdded, transfer::Outcome::kChanged, transfer::Outcome::kRemoved,
          transfer::Outcome::kSkipped, transfer::Outcome::kNotTaken}) {
      writer.member(transfer::outcome_name(outcome), report.count(kind, outcome));
    }
    writer.end_object();
  }
  writer.end_object().key("items").begin_array();
  std::int64_t total = 0;
  for (const auto& [what, count] : report.counts) total += count;
  for (const transfer::ReportLine& line : report.lines) {
    writer.begin_object()
        .member("kind", transfer::kind_name(line.kind))
        .member("outcome", transfer::outcome_name(line.outcome))
        .member("what", line.what);
    text_or_null(writer, "why", line.why);
    writer.end_object();
  }
  writer.end_array().member("total", total);
}

// The document's bytes, from whichever of the two members has them.
std::optional<std::string> document_of(Fields& fields) {
  auto text = fields.text("document", kMostImport);
  const auto encoded = fields.text("document_base64", kMostImport);
  if (text.has_value() == encoded.has_value()) {
    fields.wrong("document", "one of document and document_base64 is needed");
    return std::nullopt;
  }
  if (text) return text;
  std::optional<std::string> bytes = from_base64(*encoded);
  if (!bytes) fields.wrong("document_base64", "document_base64 is not base64");
  return bytes;
}

Answer import_document(Context& context, Call& call) {
  Fields fields(call.body);
  const auto document = document_of(fields);
  const Secret passphrase(
      fields.text("passphrase", account::kLongestPassphrase).value_or(std::string()));
  const std::string mode = fields.text("mode").value_or("merge");
  if (mode != "merge" && mode != "replace") {
    fields.wrong("mode", "there is no such mode", "use merge or replace");
  }
  const bool dry_run = fields.boolean("dry_run").value_or(false);
  const bool admin_password = fields.boolean("admin_password").value_or(false);
  if (const auto problem = fields.problem()) return refuse(*problem);

  const auto read = transfer::read_document(*document, passphrase, context.known_settings);
  if (!read) return refuse(refusal_of(read.error()));
  call.target = transfer::document_kind_name(read->kind);
  if (mode == "replace" && read->kind != transfer::DocumentKind::kExport) {
    return refuse(bad_field("mode", "only an export of Wasat's can replace what is here",
                            "import this with mode merge"));
  }
  if (admin_password && context.password.is_fixed()) {
    return refuse(conflict("the admin password is fixed by AUTH_TOKEN or a flag",
                           "import without admin_password, or unset it"));
  }
  Random random = Random::from_system();
  transfer::ImportPlan plan =
      plan_import(read->cargo, contents_of(context), context.keys, context.known_settings,
                  {.mode = mode == "replace" ? Mode::kReplace : Mode::kMerge,
                   .admin_password = admin_password,
                   .now = store::to_time(context.clock.wall()),
                   .new_id = [&] { return random.id(); }});
  std::vector<std::string> needs_restart;
  if (!dry_run && !plan.changes.empty()) {
    auto applied = apply_import(context, std::move(plan.changes));
    if (!applied) return refuse(applied.error());
    needs_restart = std::move(*applied);
  }
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object()
      .member("document", transfer::document_kind_name(read->kind))
      .member("mode", mode)
      .member("dry_run", dry_run)
      .key("needs_restart")
      .begin_array();
  for (const std::string& key : needs_restart) writer.string(key);
  writer.end_array();
  write_report(writer, plan.report);
  writer.end_object();
  return reply;
}

constexpr Route kRoutes[] = {
    {.method = "POST",
     .path = "/export",
     .action = "everything.export",
     .handle = export_everything,
     .most_body = 16 * 1024},
    {.method = "POST",
     .path = "/import",
     .action = "everything.import",
     .handle = import_document,
     .most_body = kMostImport},
};

}  // namespace

std::span<const Route> transfer_routes() { return kRoutes; }

}  // namespace wasat::admin
