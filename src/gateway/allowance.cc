#include "gateway/allowance.h"

#include <algorithm>

#include "account/estimate.h"
#include "gemini/model_names.h"
#include "gemini/pieces.h"
#include "gemini/resource_path.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::gateway {
namespace {

using gemini::Method;

Error not_allowed(std::string_view model) {
  return client_error(ErrorKind::kPermissionDenied,
                      "this token may not use the model " + std::string(model) +
                          ". GET /v1/models or /v1beta/models lists those that it may use.",
                      "model");
}

// A budget that counted it as nothing would be none.
Error without_price(std::string_view model) {
  return client_error(ErrorKind::kPermissionDenied,
                      "this token has a budget, and the model " + std::string(model) +
                          " has no price that could be held against it. Ask the operator to give "
                          "it one (the setting models.prices).",
                      "model");
}

// What a client says, and what its tools are like, names no model, whatever it is called.
bool is_content(std::string_view key) {
  static constexpr std::string_view kContents[] = {
      "contents",  "content",         "systemInstruction", "system_instruction", "tools",
      "instances", "parameters",      "generationConfig",  "generation_config",  "input",
      "parts",     "response_format", "responseFormat",    "metadata",           "labels"};
  return std::ranges::find(kContents, key) != std::end(kContents);
}

bool names_model(std::string_view key) {
  return key == "model" || key == "agent" || key == "baseModel" || key == "base_model" ||
         key == "sourceModel" || key == "source_model";
}

// Whether all models that a raw call's body names are allowed; the first that is not.
template <class Allows>
std::optional<std::string> refused_in(json::Value value, Allows&& allows) {
  for (const json::Value child : value) {
    if (value.is_object() && names_model(child.key()) && child.is_string()) {
      std::string name = gemini::clean_model_name(child.string_or(""));
      if (!allows(name)) return name;
    } else if (!value.is_object() || !is_content(child.key())) {
      if (auto refused = refused_in(child, allows)) return refused;
    }
  }
  return std::nullopt;
}

// What such a call uses is told by nobody when it is answered: a batch works for hours.
// Against a budget it could not be held.
bool is_of_unknown_cost(const gemini::Call& call) {
  using gemini::ResourceKind;
  if (call.method != Method::kRaw || call.http_method != "POST") return false;
  const gemini::ResourcePath path = gemini::read_resource_path(call.http_method, call.path);
  if (path.free) return true;
  if (path.kind == ResourceKind::kOther) return !path.upload;
  return path.action == gemini::ResourcePath::Action::kCreate &&
         (path.kind == ResourceKind::kBatches || path.kind == ResourceKind::kInteractions ||
          path.kind == ResourceKind::kOperations || path.kind == ResourceKind::kEphemeralTokens ||
          path.kind == ResourceKind::kTunedModels);
}

// "/v1beta/models/x:predict", "/v1beta/tunedModels/x/operations/y": "x".
std::string_view model_in_path(std::string_view path) {
  for (const std::string_view collection : {"/models/", "/tunedModels/"}) {
    const std::size_t at = path.find(collection);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = path.substr(at + collection.size());
    const std::string_view name = rest.substr(0, rest.find_first_of(":/?"));
    if (collection == "/models/") return name;
    return path.substr(at + 1, collection.size() - 1 + name.size());
  }
  return {};
}

}  // namespace

Result<> Allowance::admit(const Shared& shared, const std::shared_ptr<const account::Token>& token,
                          std::string_view dialect) {
  if (token->expires != store::Time() || !token->trouble.empty()) {
    if (Result<> usable = token->check(shared.clock); !usable) return usable;
  }
  limits_ = token->limits;
  if (limits_ == nullptr) return {};
  if (!limits_->allows_dialect(dialect)) {
    return fail(client_error(ErrorKind::kPermissionDenied,
                             "this token may not use the " + std::string(dialect) +
                                 " protocol. Ask the operator for one that may."));
  }
  return shared.meter.reserve(token->id, limits_.get(), reservation_);
}

Result<> Allowance::allows_model(Worker& worker, std::string_view upstream_model) const {
  if (limits_ == nullptr) return {};
  if (!limits_->allows_model(upstream_model)) return fail(not_allowed(upstream_model));
  if (limits_->has_budget() && worker.prices.find(upstream_model) == nullptr) {
    return fail(without_price(upstream_model));
  }
  return {};
}

Result<> Allowance::plan(Worker& worker, const Options& options, const gemini::Call& call,
                         bool unread) {
  if (limits_ == nullptr) return {};
  generates_ = call.method == Method::kGenerateContent || call.stream() ||
               call.method == Method::kEmbedContent || call.method == Method::kBatchEmbedContents;
  const bool raw = call.method == Method::kRaw;
  if (!limits_->models.empty() && call.method != Method::kListModels) {
    const auto allows = [this](std::string_view name) { return limits_->allows_model(name); };
    if (!raw || !call.model.empty()) {
      if (!allows(call.model)) return fail(not_allowed(call.model));
    }
    for (const gemini::Call& each : call.more) {
      if (!each.model.empty() && !allows(each.model)) return fail(not_allowed(each.model));
    }
    if (raw) {
      const std::string name = gemini::clean_model_name(model_in_path(call.path));
      if (!name.empty() && !allows(name)) return fail(not_allowed(name));
      if (unread && !call.path.starts_with("/upload/")) {
        return fail(client_error(ErrorKind::kPermissionDenied,
                                 "this token may use some models only, and a request as large as "
                                 "this is not looked into on this path"));
      }
      if (!unread && !call.body.empty()) {
        const std::shared_ptr<Buffer> whole = Buffer::copy_of(call.body.flatten());
        json::Document document;
        const Result<json::Value> root = document.parse(whole->padded());
        // What is no JSON (the bytes of a file) names no model.
        if (root) {
          if (const auto refused = refused_in(*root, allows)) return fail(not_allowed(*refused));
        }
      }
    }
  }
  if (!limits_->needs_estimate()) return {};
  if (const auto by_piece = unread ? std::nullopt : gemini::piece_call(call)) {
    const account::Price* price = worker.prices.find(by_piece->model);
    if (price != nullptr && account::covers(*price, by_piece->pieces)) {
      generates_ = true;
      expected_input_ = {.input = account::estimated_input(call.body),
                         .cost = account::cost_of(*price, by_piece->pieces)};
      return reservation_.expect(expected_input_);
    }
  }
  if (is_of_unknown_cost(call)) {
    return fail(client_error(ErrorKind::kPermissionDenied,
                             "this token has a budget or a limit of input tokens, and what this "
                             "path would use of them is not told. Ask the operator for a token "
                             "without, or, of pictures and films, to give the model a price apiece "
                             "(the setting models.prices)."));
  }
  if (!generates_) return {};
  gemini::Usage answer;
  account::Amount expected;
  const auto add = [&](const gemini::Call& each) {
    expected.input += account::estimated_input(each.body);
    if (limits_->has_budget() && call.method != Method::kEmbedContent &&
        call.method != Method::kBatchEmbedContents) {
      const gemini::Usage its = account::expected_answer(each, options.expected_output);
      answer.candidates += its.candidates;
      answer.searches += its.searches;
    }
  };
  add(call);
  for (const gemini::Call& each : call.more) add(each);
  expected_input_.input = expected.input;
  if (limits_->has_budget()) {
    const account::Price* price = worker.prices.find(call.model);
    if (price == nullptr) return fail(without_price(call.model));
    answer.prompt = expected.input;
    expected.cost = account::cost_of(*price, answer);
    for (const gemini::Call& each : call.more) {
      if (!each.model.empty() && worker.prices.find(each.model) == nullptr) {
        return fail(without_price(each.model));
      }
    }
  }
  return reservation_.expect(expected);
}

std::shared_ptr<const Buffer> Allowance::visible_models(std::string_view list) const {
  if (limits_ == nullptr || limits_->models.empty()) return nullptr;
  const std::shared_ptr<Buffer> bytes = Buffer::copy_of(list);
  json::Document document;
  const Result<json::Value> root = document.parse(bytes->padded());
  if (!root || !root->is_object()) return nullptr;
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  for (const json::Value member : *root) {
    writer.key_escaped(member.key());
    if (member.key() != "models" || !member.is_array()) {
      writer.raw(member.raw());
      continue;
    }
    writer.begin_array();
    for (const json::Value model : member) {
      const std::string name = gemini::clean_model_name(model["name"].string_or(""));
      if (limits_->allows_model(name)) writer.raw(model.raw());
    }
    writer.end_array();
  }
  writer.end_object();
  return Buffer::copy_of(out);
}

void Allowance::settle(Worker& worker, const Record& record) {
  if (!reservation_) return;
  const gemini::Usage& usage = record.tally.usage;
  const std::int64_t input = usage.prompt + usage.tool_prompt;
  const bool ok = record.outcome == "ok";
  if (input > 0 || usage.total > 0) {
    reservation_.settle({.input = input, .cost = record.cost});
  } else if (usage.images > 0 || usage.seconds > 0) {
    reservation_.settle({.input = expected_input_.input, .cost = record.cost});
  } else if (ok && !generates_) {
    reservation_.settle({});
  } else if (ok || (record.outcome == "client_left" && record.attempts > 0 && generates_)) {
    // The upstream has read it, whether it says so or not.
    if (expected_input_.cost == 0 && limits_->has_budget()) {
      expected_input_.cost =
          worker.prices.cost(record.upstream_model, {.prompt = expected_input_.input});
    }
    reservation_.settle(expected_input_);
  } else {
    reservation_.give_back();
  }
}

}  // namespace wasat::gateway
