#include "admin/models.h"

#include <algorithm>
#include <array>

#include "admin/context.h"
#include "admin/fields.h"
#include "admin/write_json.h"
#include "gemini/derived_model.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kLongestName = 200;

using gemini::ModelFamily;
using gemini::Thinking;
using gemini::ThinkingLevel;

void write_thinking(json::Writer& writer, const Thinking& thinking) {
  writer.key("thinking").begin_object();
  switch (thinking.style) {
    case Thinking::Style::kNone:
      writer.member("style", "none");
      break;
    case Thinking::Style::kBudget:
      writer.member("style", "budget")
          .member("min_budget", std::int64_t{thinking.min_budget})
          .member("max_budget", std::int64_t{thinking.max_budget});
      break;
    case Thinking::Style::kLevel:
      writer.member("style", "level").key("levels").begin_array();
      for (const auto level : {ThinkingLevel::kMinimal, ThinkingLevel::kLow, ThinkingLevel::kMedium,
                               ThinkingLevel::kHigh}) {
        if (thinking.has(level)) writer.string(gemini::thinking_level_name(level));
      }
      writer.end_array();
      break;
  }
  writer.member("can_turn_off", thinking.can_turn_off).end_object();
}

// The suffixes that make sense behind a family's names.
std::vector<std::string_view> suffixes_of(const ModelFamily& family) {
  std::vector<std::string_view> suffixes;
  if (family.embedding) return suffixes;
  suffixes.emplace_back("-search");
  if (!family.image_output && !family.audio_output) suffixes.emplace_back("-image");
  if (family.thinking.style == Thinking::Style::kNone) return suffixes;
  suffixes.insert(suffixes.end(), {"-thinking", "-thinking-8192", "-maxthinking", "-minimal",
                                   "-low", "-medium", "-high", "-max"});
  if (family.thinking.can_turn_off) suffixes.emplace_back("-nothinking");
  return suffixes;
}

void write_family(json::Writer& writer, const ModelFamily& family) {
  writer.member("family", family.glob);
  write_thinking(writer, family.thinking);
  writer.member("tools_with_functions", family.third_generation)
      .member("image_output", family.image_output)
      .member("audio_output", family.audio_output)
      .member("embedding", family.embedding)
      .member("many_candidates", family.many_candidates)
      .key("output_limit");
  if (family.output_limit == 0) {
    writer.null();
  } else {
    writer.number(std::int64_t{family.output_limit});
  }
  writer.key("suffixes").begin_array();
  for (const std::string_view suffix : suffixes_of(family)) writer.string(suffix);
  writer.end_array();
}

void write_price(json::Writer& writer, const account::Price* price) {
  writer.key("price");
  if (price == nullptr) {
    writer.null();
    return;
  }
  writer.begin_object()
      .member("model", price->model)
      .member("dollars_per_million", account::Prices::text(*price))
      .end_object();
}

Answer list_models(Context& context, Call&) {
  const auto prices = context.watched.prices.get();
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const ModelFamily& family : gemini::model_families()) {
    writer.begin_object();
    write_family(writer, family);
    writer.end_object();
  }
  writer.end_array().key("prices").begin_array();
  for (const account::Price& price : prices->rows()) {
    writer.begin_object()
        .member("model", price.model)
        .member("dollars_per_million", account::Prices::text(price))
        .end_object();
  }
  writer.end_array().key("without_price").begin_array();
  for (const auto& [model, exchanges] : context.watched.unpriced.models()) {
    if (prices->find(model) != nullptr) continue;  // it has been given one since
    writer.begin_object()
        .member("model", model)
        .member("calls", static_cast<std::int64_t>(exchanges))
        .end_object();
  }
  writer.end_array().end_object();
  return reply;
}

Answer show_model(Context& context, Call& call) {
  const std::string clean = gemini::clean_model_name(call.parameters[0]);
  if (!gemini::is_model_name(clean)) {
    return refuse(bad_field("name", "this can be no model's name"));
  }
  // As requests are read: an alias, then what its suffixes ask for.
  std::vector<gemini::ModelAlias> rows;
  for (const auto& [pattern, model] : context.registry.aliases()) rows.push_back({pattern, model});
  for (const auto& [pattern, model] : context.registry.from_settings().aliases) {
    rows.push_back({pattern, model});
  }
  const gemini::ModelAliases aliases(std::move(rows));
  const std::string target(aliases.resolve(clean));
  gemini::DerivedModel derived;
  const std::string_view upstream = gemini::split_derived(
      target, [](std::string_view) { return std::optional<bool>(); }, derived);
  const ModelFamily& family = gemini::model_family(upstream);
  const auto prices = context.watched.prices.get();
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().member("name", call.parameters[0]).member("upstream_model", upstream);
  text_or_null(writer, "alias_of", target == clean ? std::string() : target);
  writer.member("search", derived.search);
  write_family(writer, family);
  write_price(writer, prices->find(upstream));
  writer.end_object();
  return reply;
}

void write_alias(json::Writer& writer, std::string_view alias, std::string_view model,
                 std::string_view origin) {
  writer.begin_object()
      .member("alias", alias)
      .member("model", model)
      .member("origin", origin)
      .end_object();
}

Answer list_aliases(Context& context, Call&) {
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  std::int64_t total = 0;
  for (const auto& [alias, model] : context.registry.aliases()) {
    write_alias(writer, alias, model, "store");
    ++total;
  }
  for (const auto& [alias, model] : context.registry.from_settings().aliases) {
    write_alias(writer, alias, model, "settings");
    ++total;
  }
  for (const gemini::BuiltinAlias& alias : gemini::builtin_aliases()) {
    write_alias(writer, alias.pattern, alias.target, "built_in");
    ++total;
  }
  writer.end_array().key("next").null().member("total", total).end_object();
  return reply;
}

Answer put_alias(Context& context, Call& call) {
  const std::string alias = gemini::clean_model_name(call.parameters[0]);
  call.target = alias.substr(0, kLongestName);
  Fields fields(call.body);
  const auto model = fields.text("model", kLongestName);
  fields.require("model", model.has_value());
  const std::string clean = gemini::clean_model_name(model.value_or(""));
  if (model && !gemini::is_model_name(clean)) {
    fields.wrong("model", "this can be no model's name",
                 "use letters, digits, '-', '.' and '_', as in gemini-2.5-flash");
  }
  if (const auto problem = fields.problem()) return refuse(*problem);
  if (alias.empty() || alias.size() > kLongestName) {
    return refuse(bad_field("alias", "an alias has 1 to 200 bytes"));
  }
  if (const Result<> put = context.registry.put_alias(alias, clean); !put) {
    return refuse(refusal_of(put.error()));
  }
  Reply reply;
  json::Writer writer(reply.body);
  write_alias(writer, alias, clean, "store");
  return reply;
}

Answer remove_alias(Context& context, Call& call) {
  const std::string alias = gemini::clean_model_name(call.parameters[0]);
  call.target = alias.substr(0, kLongestName);
  if (!context.registry.aliases().contains(alias)) {
    if (context.registry.from_settings().aliases.contains(alias)) {
      return refuse(conflict("this alias is given by the settings", "change models.aliases"));
    }
    return refuse(not_found("alias", alias));
  }
  if (const Result<> removed = context.registry.remove_alias(alias); !removed) {
    return refuse(refusal_of(removed.error()));
  }
  return no_content();
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/models", .handle = list_models},
    {.method = "GET", .path = "/models/{name}", .handle = show_model},
    {.method = "GET", .path = "/aliases", .handle = list_aliases},
    {.method = "PUT", .path = "/aliases/{alias}", .action = "alias.put", .handle = put_alias},
    {.method = "DELETE",
     .path = "/aliases/{alias}",
     .action = "alias.remove",
     .handle = remove_alias},
};

}  // namespace

std::span<const Route> model_routes() { return kRoutes; }

}  // namespace wasat::admin
