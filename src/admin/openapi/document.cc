#include "admin/openapi/document.h"

#include <algorithm>
#include <set>

#include "admin/openapi/route_docs.h"
#include "json/writer.h"

namespace wasat::admin::openapi {
namespace {

constexpr std::string_view kSchemas =
#include "admin/openapi/schemas.inc"
    ;

void ref_schema(json::Writer& writer, std::string_view name) {
  std::string ref("#/components/schemas/");
  ref += name;
  writer.key("schema").begin_object().member("$ref", ref).end_object();
}

void content(json::Writer& writer, std::string_view type, std::string_view schema) {
  writer.key("content").begin_object().key_escaped(type).begin_object();
  ref_schema(writer, schema);
  writer.end_object().end_object();
}

template <class Use>
void each_word(std::string_view words, Use use) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    if (end > 0) use(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

void path_parameters(json::Writer& writer, std::string_view path) {
  for (std::size_t at = path.find('{'); at != std::string_view::npos; at = path.find('{', at + 1)) {
    const std::string_view name = path.substr(at + 1, path.find('}', at) - at - 1);
    writer.begin_object()
        .member("name", name)
        .member("in", "path")
        .member("required", true)
        .key("schema")
        .begin_object()
        .member("type", "string")
        .end_object()
        .end_object();
  }
}

void query_parameter(json::Writer& writer, std::string_view name) {
  const auto docs = parameter_docs();
  const auto found = std::ranges::find(docs, name, &ParameterDoc::name);
  if (found == docs.end()) return;  // a test says so
  writer.begin_object()
      .member("name", name)
      .member("in", "query")
      .member("description", found->meaning)
      .key("schema")
      .raw(found->schema)
      .end_object();
}

void response(json::Writer& writer, int status, std::string_view meaning, std::string_view type,
              std::string_view schema) {
  writer.key(std::to_string(status)).begin_object().member("description", meaning);
  if (!schema.empty()) content(writer, type, schema);
  writer.end_object();
}

// "POST /credentials/{id}/enable": "postCredentialsIdEnable".
std::string operation_id(const RouteDoc& doc) {
  std::string id;
  for (const char c : doc.method) id += static_cast<char>(c - 'A' + 'a');
  bool upper = true;
  for (const char c : doc.path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (letter) id += upper && c >= 'a' ? static_cast<char>(c - 'a' + 'A') : c;
    upper = !letter;
  }
  return id;
}

void operation(json::Writer& writer, const RouteDoc& doc, bool open) {
  std::string method;
  for (const char c : doc.method) method += static_cast<char>(c - 'A' + 'a');
  const std::string_view tag = doc.path.substr(1, doc.path.find('/', 1) - 1);
  writer.key(method)
      .begin_object()
      .member("operationId", operation_id(doc))
      .member("summary", doc.summary)
      .key("tags")
      .begin_array()
      .string(tag)
      .end_array()
      .key("parameters")
      .begin_array();
  path_parameters(writer, doc.path);
  each_word(doc.query, [&](std::string_view name) { query_parameter(writer, name); });
  writer.end_array();
  if (!doc.body.empty()) {
    writer.key("requestBody").begin_object().member("required", true);
    content(writer, "application/json", doc.body);
    writer.end_object();
  }
  if (open) writer.key("security").begin_array().end_array();
  writer.key("responses").begin_object();
  response(writer, doc.reply.empty() ? 204 : doc.status, "done", doc.content_type, doc.reply);
  if (doc.other_status != 0) {
    response(writer, doc.other_status, "under way", "application/json", doc.other);
  }
  response(writer, 400, "the request is wrong", "application/json", "Error");
  if (!open) response(writer, 401, "nobody has logged in", "application/json", "Error");
  writer.key("default").begin_object().member("description", "refused or failed");
  content(writer, "application/json", "Error");
  writer.end_object().end_object().end_object();
}

bool is_open(const RouteDoc& doc) { return doc.path == "/login"; }

Answer show_document(Context&, Call&) { return Reply{.body = document()}; }

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/openapi.json", .handle = show_document},
};

}  // namespace

std::string document() {
  std::string text;
  json::Writer writer(text);
  writer.begin_object()
      .member("openapi", "3.1.0")
      .key("info")
      .begin_object()
      .member("title", "Wasat: admin API")
      .member("version", WASAT_VERSION)
      .member("description",
              "POST /login gives a session: a cookie for browsers, which send the value csrf in "
              "X-Wasat-CSRF with all that is no GET, or a token for programs (bearer: true).")
      .end_object()
      .key("servers")
      .begin_array()
      .begin_object()
      .member("url", "/api/admin/v1")
      .end_object()
      .end_array()
      .key("security")
      .begin_array()
      .begin_object()
      .key("bearer")
      .begin_array()
      .end_array()
      .end_object()
      .begin_object()
      .key("cookie")
      .begin_array()
      .end_array()
      .end_object()
      .end_array()
      .key("paths")
      .begin_object();
  // All methods of a path stand together.
  std::set<std::string_view> written;
  for (const RouteDoc& doc : route_docs()) {
    if (!written.insert(doc.path).second) continue;
    writer.key_escaped(doc.path).begin_object();
    for (const RouteDoc& same : route_docs()) {
      if (same.path == doc.path) operation(writer, same, is_open(same));
    }
    writer.end_object();
  }
  writer.end_object()
      .key("components")
      .begin_object()
      .key("securitySchemes")
      .begin_object()
      .key("bearer")
      .begin_object()
      .member("type", "http")
      .member("scheme", "bearer")
      .end_object()
      .key("cookie")
      .begin_object()
      .member("type", "apiKey")
      .member("in", "cookie")
      .member("name", "wasat_session")
      .end_object()
      .end_object()
      .key("schemas")
      .raw(kSchemas)
      .end_object()
      .end_object();
  return text;
}

std::span<const Route> routes() { return kRoutes; }

}  // namespace wasat::admin::openapi
