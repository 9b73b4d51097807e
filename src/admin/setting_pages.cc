#include "admin/setting_pages.h"

#include <algorithm>

#include "admin/context.h"
#include "admin/fields.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kMostValue = 128 * 1024;

void write_setting(json::Writer& writer, const SettingView& view) {
  writer.begin_object().member("key", view.key).member("type", view.type);
  writer.key("value");
  if (view.secret && view.value.empty()) {
    writer.null();
  } else {
    writer.string(view.value);
  }
  writer.member("set", view.set)
      .member("default", view.fallback)
      .member("origin", view.origin)
      .member("environment", view.environment)
      .member("secret", view.secret)
      .member("fixed", view.fixed)
      .member("editable", view.editable)
      .member("stored", view.stored)
      .member("live", view.live)
      .member("adds", view.adds)
      .member("needs_restart", view.needs_restart);
  writer.key("description").begin_object();
  writer.member("en", view.english).member("zh", view.chinese).end_object();
  if (view.low) writer.member("low", *view.low);
  if (view.high) writer.member("high", *view.high);
  if (!view.choices.empty()) {
    writer.key("choices").begin_array();
    for (const std::string& choice : view.choices) writer.string(choice);
    writer.end_array();
  }
  writer.end_object();
}

Answer list_settings(Context& context, Call&) {
  const std::vector<SettingView> views = context.settings.list();
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const SettingView& view : views) write_setting(writer, view);
  writer.end_array()
      .key("next")
      .null()
      .member("total", static_cast<std::int64_t>(views.size()))
      .end_object();
  return reply;
}

Answer show_setting(Context& context, Call& call) {
  const std::vector<SettingView> views = context.settings.list();
  const auto view = std::ranges::find(views, call.parameters[0], &SettingView::key);
  if (view == views.end()) return refuse(not_found("setting", call.parameters[0]));
  Reply reply;
  json::Writer writer(reply.body);
  write_setting(writer, *view);
  return reply;
}

// A value as the table's syntax wants it: texts, numbers and switches as they are, lists with
// commas, names as "name=value,name=value". nullopt: it cannot be a setting's.
std::optional<std::string> text_of(json::Value value) {
  switch (value.type()) {
    case json::Type::kString:
      return std::string(value.string_or(""));
    case json::Type::kNumber:
    case json::Type::kBool:
      return std::string(value.raw());
    case json::Type::kArray:
    case json::Type::kObject: {
      std::string text;
      for (const json::Value item : value) {
        if (!item.is_string()) return std::nullopt;
        if (!text.empty()) text += ',';
        if (value.is_object()) text.append(item.key()).append("=");
        text += item.string_or("");
      }
      return text;
    }
    case json::Type::kNull:
    case json::Type::kAbsent:
      break;
  }
  return std::nullopt;
}

std::expected<SettingChange, Refusal> read_change(std::string key, json::Value value) {
  if (value.is_null()) return SettingChange{.key = std::move(key), .value = std::nullopt};
  const std::optional<std::string> text = text_of(value);
  if (!text) {
    return refuse(
        bad_field(key, key + " is no text, number, switch, list of texts or object of texts"));
  }
  if (text->size() > kMostValue) return refuse(bad_field(key, key + " is too long"));
  return SettingChange{.key = std::move(key), .value = Secret(*text)};
}

Answer change(Context& context, Call& call, std::vector<SettingChange> changes) {
  for (const SettingChange& each : changes) {
    if (!call.target.empty()) call.target += ' ';
    call.target += each.key.substr(0, 64);
  }
  const auto changed = context.settings.change(std::move(changes));
  if (!changed) return refuse(changed.error());
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("needs_restart").begin_array();
  for (const std::string& key : changed->needs_restart) writer.string(key);
  writer.end_array().key("warnings").begin_array();
  for (const std::string& warning : changed->warnings) writer.string(warning);
  writer.end_array().end_object();
  return reply;
}

Answer put_settings(Context& context, Call& call) {
  Fields fields(call.body);
  const json::Value values = fields.object("values");
  fields.require("values", static_cast<bool>(values));
  if (const auto problem = fields.problem()) return refuse(*problem);
  std::vector<SettingChange> changes;
  for (const json::Value value : values) {
    auto one = read_change(std::string(value.key()), value);
    if (!one) return refuse(one.error());
    changes.push_back(std::move(*one));
  }
  return change(context, call, std::move(changes));
}

Answer put_setting(Context& context, Call& call) {
  Fields fields(call.body);
  const json::Value value = fields.any("value");
  fields.require("value", static_cast<bool>(value));
  if (const auto problem = fields.problem()) return refuse(*problem);
  auto one = read_change(call.parameters[0], value);
  if (!one) return refuse(one.error());
  std::vector<SettingChange> changes;
  changes.push_back(std::move(*one));
  return change(context, call, std::move(changes));
}

Answer forget_setting(Context& context, Call& call) {
  std::vector<SettingChange> changes;
  changes.push_back({.key = call.parameters[0], .value = std::nullopt});
  return change(context, call, std::move(changes));
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/settings", .handle = list_settings},
    {.method = "PUT", .path = "/settings", .action = "settings.change", .handle = put_settings},
    {.method = "GET", .path = "/settings/{key}", .handle = show_setting},
    {.method = "PUT",
     .path = "/settings/{key}",
     .action = "settings.change",
     .handle = put_setting},
    {.method = "DELETE",
     .path = "/settings/{key}",
     .action = "settings.forget",
     .handle = forget_setting},
};

}  // namespace

std::span<const Route> setting_routes() { return kRoutes; }

}  // namespace wasat::admin
