#include "simulator/state.h"

#include <algorithm>
#include <array>

#include "json/reader.h"
#include "json/writer.h"
#include "simulator/fields.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kMostRules = 256;
constexpr std::size_t kMostScripts = 256;
constexpr std::size_t kMostKeys = 1024;
constexpr std::size_t kLargestKeptBody = 1 << 20;
constexpr std::size_t kMostKeptBytes = 16 << 20;
constexpr std::chrono::milliseconds kStallTime{3'600'000};
constexpr std::chrono::milliseconds kSlowTime{200};
constexpr std::size_t kHugeBytes = 8 << 20;

constexpr std::array<std::string_view, 4> kEndings = {"open", "answered", "cut", "client_left"};

Strike with_defaults(Fault fault) {
  return {.fault = fault,
          .duration = fault == Fault::kSlow ? kSlowTime : kStallTime,
          .bytes = kHugeBytes};
}

Error bad_rule(std::string detail) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail));
}

bool contains(std::string_view text, std::string_view part) {
  return part.empty() || text.find(part) != std::string_view::npos;
}

}  // namespace

State::State(Options options) : options_(std::move(options)) {}

bool State::Rule::matches(const Asked& asked, std::optional<std::string_view> body) const {
  if (body.has_value() == text.empty()) return false;
  return contains(asked.key, key) && contains(asked.model, model) &&
         contains(asked.method, method) && (!body || contains(*body, text));
}

bool State::Rule::fires() {
  if (times == 0) return false;
  if (after > 0) {
    --after;
    return false;
  }
  if (probability < 1 && random.unit() >= probability) return false;
  if (times > 0) --times;
  return true;
}

Result<> State::add_rules(PaddedView json) {
  json::Document document;
  const Result<json::Value> root = document.parse(json);
  if (!root) return fail(root.error());
  std::vector<Rule> rules;
  std::optional<Error> wrong;
  each((*root)["rules"] ? (*root)["rules"] : *root, [&](json::Value value) {
    const std::string_view name = value["fault"].string_or("");
    const std::optional<Fault> fault = find_fault(name);
    if (!fault) {
      wrong = bad_rule("There is no fault \"" + std::string(beginning(name, 64)) +
                       "\"; GET /simulator lists them.");
      return;
    }
    const json::Value match = value["match"];
    Rule rule{.key = std::string(match["key"].string_or("")),
              .model = std::string(match["model"].string_or("")),
              .method = std::string(match["method"].string_or("")),
              .text = std::string(match["text"].string_or("")),
              .strike = with_defaults(*fault),
              .after = value["after"].integer().value_or(0),
              .times = value["times"].integer().value_or(-1),
              .probability = value["probability"].number().value_or(1),
              .random = Random(hash(name, options_.seed + rules.size()))};
    if (const auto ms = value["ms"].integer(); ms && *ms >= 0 && *ms <= kStallTime.count()) {
      rule.strike.duration = std::chrono::milliseconds(*ms);
    }
    if (const auto bytes = value["bytes"].integer(); bytes && *bytes > 0 && *bytes <= 1 << 30) {
      rule.strike.bytes = static_cast<std::size_t>(*bytes);
    }
    rules.push_back(std::move(rule));
  });
  if (wrong) return fail(*std::move(wrong));
  const std::lock_guard lock(mutex_);
  if (rules_.size() + rules.size() > kMostRules) {
    return fail(bad_rule("There are too many rules; DELETE /simulator/faults removes them."));
  }
  std::ranges::move(rules, std::back_inserter(rules_));
  return {};
}

void State::clear_rules() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

Result<> State::add_scripts(PaddedView json) {
  json::Document document;
  const Result<json::Value> root = document.parse(json);
  if (!root) return fail(root.error());
  std::vector<std::shared_ptr<const Script>> scripts;
  std::optional<Error> wrong;
  each((*root)["scripts"] ? (*root)["scripts"] : *root, [&](json::Value value) {
    auto script = Script::parse(value);
    if (script) {
      scripts.push_back(*std::move(script));
    } else {
      wrong = script.error();
    }
  });
  if (wrong) return fail(*std::move(wrong));
  const std::lock_guard lock(mutex_);
  if (scripts_.size() + scripts.size() > kMostScripts) {
    return fail(bad_rule("There are too many scripts; DELETE /simulator/scripts removes them."));
  }
  std::ranges::move(scripts, std::back_inserter(scripts_));
  return {};
}

void State::clear_scripts() {
  const std::lock_guard lock(mutex_);
  scripts_.clear();
}

std::shared_ptr<const Script> State::script_for(std::string_view model,
                                                std::string_view body) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(
      scripts_, [&](const auto& script) { return script->matches(model, body); });
  return found == scripts_.end() ? nullptr : *found;
}

std::optional<Strike> State::strike(const Asked& asked, std::optional<std::string_view> body) {
  std::optional<Strike> found;
  const std::lock_guard lock(mutex_);
  for (Rule& rule : rules_) {
    if (rule.matches(asked, body) && rule.fires()) {
      found = rule.strike;
      break;
    }
  }
  if (!found && !body) {
    std::optional<Fault> fault = fault_in(asked.key);
    if (!fault) fault = fault_in(asked.model);
    if (fault) found = with_defaults(*fault);
  }
  if (found && found->fault == Fault::kCloseReused && ++reuse_count_ % 2 == 1) found.reset();
  return found;
}

std::uint64_t State::remember(const http::ServerRequest& request, std::string_view key,
                              std::shared_ptr<const Buffer> body) {
  Seen seen{.number = 0,
            .method = std::string(request.method),
            .target = std::string(request.target),
            .key = std::string(key),
            .headers = {},
            .body = nullptr,
            .body_size = body ? body->size() : 0};
  seen.headers.reserve(request.headers.size());
  for (const http::Header& header : request.headers) {
    seen.headers.emplace_back(header.name, header.value);
  }
  if (seen.body_size <= kLargestKeptBody) seen.body = std::move(body);

  const std::lock_guard lock(mutex_);
  seen.number = ++requests_;
  ++open_;
  if (const auto counted = requests_by_key_.find(key); counted != requests_by_key_.end()) {
    ++counted->second;
  } else if (requests_by_key_.size() < kMostKeys) {
    requests_by_key_.emplace(key, 1);
  }
  if (options_.remembered_requests == 0) return seen.number;
  kept_bytes_ += seen.body ? seen.body_size : 0;
  seen_.push_back(std::move(seen));
  while (seen_.size() > options_.remembered_requests || kept_bytes_ > kMostKeptBytes) {
    if (seen_.front().body) kept_bytes_ -= seen_.front().body_size;
    seen_.pop_front();
  }
  return requests_;
}

void State::ended(std::uint64_t number, int status, Ending ending, std::optional<Fault> fault) {
  const std::lock_guard lock(mutex_);
  --open_;
  if (ending == Ending::kClientLeft) ++clients_left_;
  const auto seen = std::ranges::lower_bound(seen_, number, {}, &Seen::number);
  if (seen == seen_.end() || seen->number != number) return;
  seen->status = status;
  seen->ending = ending;
  seen->fault = fault;
}

void State::forget_requests() {
  const std::lock_guard lock(mutex_);
  seen_.clear();
  kept_bytes_ = 0;
  requests_by_key_.clear();
}

std::string State::requests_json() const {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("requests").begin_array();
  const std::lock_guard lock(mutex_);
  for (const Seen& seen : seen_) {
    writer.begin_object()
        .member("number", static_cast<std::int64_t>(seen.number))
        .member("method", seen.method)
        .member("target", seen.target)
        .member("key", seen.key)
        .member("status", seen.status)
        .member("ending", kEndings[static_cast<std::size_t>(seen.ending)]);
    if (seen.fault) writer.member("fault", fault_name(*seen.fault));
    writer.key("headers").begin_object();
    for (const auto& [name, value] : seen.headers) {
      writer.key_escaped(lower_case(name)).string(value);
    }
    writer.end_object();
    writer.member("bodySize", static_cast<std::int64_t>(seen.body_size));
    if (seen.body) writer.member("body", seen.body->view());
    writer.end_object();
  }
  writer.end_array().end_object();
  return out;
}

std::string State::overview_json() const {
  std::string out;
  json::Writer writer(out);
  const std::lock_guard lock(mutex_);
  writer.begin_object()
      .member("simulator", "gemini")
      .member("requests", static_cast<std::int64_t>(requests_))
      .member("open", static_cast<std::int64_t>(open_))
      .member("clientsLeft", static_cast<std::int64_t>(clients_left_));
  writer.key("requestsByKey").begin_object();
  for (const auto& [key, count] : requests_by_key_) {
    writer.key_escaped(key).number(static_cast<std::int64_t>(count));
  }
  const ImplicitCache::Totals cached = implicit_cache_.totals();
  writer.end_object()
      .key("caching")
      .begin_object()
      .member("implicit", cached.on)
      .member("prompts", static_cast<std::int64_t>(cached.prompts))
      .member("tokens", static_cast<std::int64_t>(cached.tokens))
      .member("cachedTokens", static_cast<std::int64_t>(cached.cached_tokens))
      .end_object();
  writer.key("rules").begin_array();
  for (const Rule& rule : rules_) {
    writer.begin_object()
        .member("fault", fault_name(rule.strike.fault))
        .member("after", rule.after)
        .member("times", rule.times)
        .key("match")
        .begin_object()
        .member("key", rule.key)
        .member("model", rule.model)
        .member("method", rule.method)
        .member("text", rule.text)
        .end_object()
        .end_object();
  }
  writer.end_array().key("scripts").begin_array();
  for (const auto& script : scripts_) {
    writer.begin_object()
        .member("text", script->text())
        .member("steps", static_cast<std::int64_t>(script->size()))
        .end_object();
  }
  writer.end_array().key("faults").begin_object();
  for (const FaultRow& row : faults()) writer.member(row.name, row.does);
  writer.end_object().end_object();
  return out;
}

}  // namespace wasat::simulator
