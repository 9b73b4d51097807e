#include "admin/audit_pages.h"

#include <charconv>

#include "admin/context.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

Answer list_audit(Context& context, Call& call) {
  const auto wanted = paging(call);
  if (!wanted) return refuse(wanted.error());
  std::int64_t before = 0;
  if (const std::string& cursor = wanted->cursor; !cursor.empty()) {
    const char* end = cursor.data() + cursor.size();
    const auto read = std::from_chars(cursor.data(), end, before);
    if (read.ec != std::errc() || read.ptr != end || before <= 0) {
      return refuse(
          bad_field("cursor", "the cursor is none that an answer gave", "begin without a cursor"));
    }
  }
  const auto entries = context.store.read_audit(before, wanted->limit + 1);
  if (!entries) return refuse(refusal_of(entries.error()));
  const bool more = entries->size() > wanted->limit;
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  std::int64_t last = 0;
  for (std::size_t i = 0; i < entries->size() - (more ? 1 : 0); ++i) {
    const store::AuditEntry& entry = (*entries)[i];
    last = entry.number;
    writer.begin_object().member("number", entry.number).member("time", iso_time(entry.time));
    text_or_null(writer, "session", entry.session_id);
    writer.member("address", entry.address)
        .member("action", entry.action)
        .member("target", entry.target)
        .member("outcome", entry.outcome)
        .end_object();
  }
  writer.end_array();
  text_or_null(writer, "next", more ? std::to_string(last) : std::string());
  writer.end_object();
  return reply;
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/audit", .handle = list_audit},
};

}  // namespace

std::span<const Route> audit_routes() { return kRoutes; }

}  // namespace wasat::admin
