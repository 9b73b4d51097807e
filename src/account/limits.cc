#include "account/limits.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "gemini/model_table.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::account {
namespace {

constexpr std::array<std::string_view, 6> kDialects = {
    "gemini", "live", "openai_chat", "openai_responses", "openai_media", "anthropic"};

constexpr std::size_t kMostPatterns = 1000;
constexpr std::size_t kLongestPattern = 200;
// Beyond these no counter could be trusted not to run over.
constexpr std::int64_t kMostCounted = 1'000'000'000'000;  // a million millions
constexpr std::int64_t kMostDollars = 1'000'000'000;

struct CountRow {
  std::string_view name;
  std::int64_t Limits::* member;
};
constexpr std::array<CountRow, 5> kCounts = {
    CountRow{"requests_per_minute", &Limits::requests_per_minute},
    CountRow{"requests_per_day", &Limits::requests_per_day},
    CountRow{"input_tokens_per_minute", &Limits::input_tokens_per_minute},
    CountRow{"input_tokens_per_day", &Limits::input_tokens_per_day},
    CountRow{"concurrency", &Limits::concurrency},
};
constexpr std::array<CountRow, 3> kBudgets = {
    CountRow{"dollars_per_day", &Limits::cost_per_day},
    CountRow{"dollars_per_month", &Limits::cost_per_month},
    CountRow{"dollars_total", &Limits::cost_total},
};

std::unexpected<Error> wrong(std::string_view member, std::string_view why) {
  return fail(client_error(ErrorKind::kInvalidRequest, std::string(member).append(" ").append(why),
                           std::string(member)));
}

const CountRow* find_row(std::span<const CountRow> rows, std::string_view name) {
  const auto found = std::ranges::find(rows, name, &CountRow::name);
  return found == rows.end() ? nullptr : &*found;
}

Result<std::int64_t> read_count(json::Value value, std::string_view name) {
  const std::optional<std::int64_t> count = value.integer();
  if (!count || *count < 1 || *count > kMostCounted) {
    return wrong(name, "must be a whole number of at least 1; leave it out for no limit");
  }
  return *count;
}

Result<Money> read_dollars(json::Value value, std::string_view name) {
  const std::optional<double> dollars = value.number();
  if (!dollars || *dollars <= 0 || *dollars > static_cast<double>(kMostDollars)) {
    return wrong(name, "must be a number of dollars above 0; leave it out for no limit");
  }
  return std::max<Money>(1, std::llround(*dollars * static_cast<double>(kDollar)));
}

Result<std::vector<std::string>> read_texts(json::Value value, std::string_view name) {
  if (!value.is_array()) return wrong(name, "must be a list of texts");
  if (value.size() > kMostPatterns) return wrong(name, "has more than 1000 entries");
  std::vector<std::string> texts;
  for (const json::Value each : value) {
    const std::optional<std::string_view> text = each.string();
    if (!text || text->empty() || text->size() > kLongestPattern) {
      return wrong(name, "must hold texts of 1 to 200 characters");
    }
    texts.emplace_back(*text);
  }
  return texts;
}

Result<> read_member(json::Value value, std::string_view name, Limits& limits) {
  if (const CountRow* row = find_row(kCounts, name)) {
    const Result<std::int64_t> count = read_count(value, name);
    if (!count) return fail(count.error());
    limits.*row->member = *count;
    return {};
  }
  if (const CountRow* row = find_row(kBudgets, name)) {
    const Result<Money> money = read_dollars(value, name);
    if (!money) return fail(money.error());
    limits.*row->member = *money;
    return {};
  }
  if (name == "log_bodies") {
    const std::optional<bool> on = value.boolean();
    if (!on) return wrong(name, "must be true or false");
    limits.log_bodies = *on;
    return {};
  }
  const bool models = name == "models";
  if (!models && name != "dialects") {
    return wrong(name, "is no limit that is known here");
  }
  Result<std::vector<std::string>> texts = read_texts(value, name);
  if (!texts) return fail(texts.error());
  if (models) {
    limits.models = std::move(*texts);
    return {};
  }
  for (const std::string& each : *texts) {
    if (std::ranges::find(kDialects, each) == kDialects.end()) {
      return wrong(name,
                   "may hold gemini, live, openai_chat, openai_responses, openai_media and "
                   "anthropic only");
    }
  }
  limits.dialects = std::move(*texts);
  return {};
}

}  // namespace

std::span<const std::string_view> dialect_names() { return kDialects; }

Result<Limits> Limits::parse(std::string_view json) {
  Limits limits;
  if (json.find_first_not_of(" \t\r\n") == std::string_view::npos) return limits;
  const std::shared_ptr<const Buffer> bytes = Buffer::copy_of(json);
  json::Document document;
  const Result<json::Value> root = document.parse(bytes->padded(), 8);
  if (!root || !root->is_object()) {
    return fail(client_error(ErrorKind::kInvalidRequest, "limits must be a JSON object"));
  }
  for (const json::Value value : *root) {
    if (value.is_null()) continue;
    if (Result<> read = read_member(value, value.key(), limits); !read) {
      return fail(std::move(read.error()));
    }
  }
  return limits;
}

std::string Limits::text() const {
  if (*this == Limits()) return {};
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  const auto write_texts = [&writer](std::string_view name, const std::vector<std::string>& texts) {
    if (texts.empty()) return;
    writer.key(name).begin_array();
    for (const std::string& each : texts) writer.string(each);
    writer.end_array();
  };
  write_texts("models", models);
  write_texts("dialects", dialects);
  for (const CountRow& row : kCounts) {
    if (this->*row.member > 0) writer.member(row.name, this->*row.member);
  }
  for (const CountRow& row : kBudgets) {
    if (this->*row.member == 0) continue;
    writer.member(row.name, static_cast<double>(this->*row.member) / static_cast<double>(kDollar));
  }
  if (log_bodies) writer.member("log_bodies", true);
  writer.end_object();
  return out;
}

bool Limits::allows_model(std::string_view upstream_name) const {
  return models.empty() || std::ranges::any_of(models, [upstream_name](const std::string& glob) {
           return gemini::glob_matches(glob, upstream_name);
         });
}

bool Limits::allows_dialect(std::string_view name) const {
  return dialects.empty() || std::ranges::find(dialects, name) != dialects.end();
}

bool Limits::counts() const {
  return requests_per_minute > 0 || requests_per_day > 0 || concurrency > 0 || needs_estimate();
}

}  // namespace wasat::account
