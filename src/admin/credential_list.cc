#include "admin/credential_list.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <tuple>

#include "admin/search.h"
#include "base/crypto.h"

namespace wasat::admin {
namespace {

// What rows are ordered by: a number or a text, and the id where those are equal.
struct Key {
  std::int64_t number = 0;
  std::string_view text;
  std::string_view id;
  auto operator<=>(const Key&) const = default;
};

std::int64_t success_rate(const pool::Credential::Counters& counters) {
  const auto attempts = static_cast<std::int64_t>(counters.attempts());
  return attempts == 0 ? -1
                       : static_cast<std::int64_t>(counters.successes.load()) * 10'000 / attempts;
}

Key key_of(const CredentialRow& row, CredentialOrder order) {
  const pool::Credential::Counters& counters = row.live->counters();
  Key key{.id = row.live->id()};
  switch (order) {
    case CredentialOrder::kCreated:
      // Whoever comes and goes is newer than what stays.
      key.number = row.live->transient() ? std::numeric_limits<std::int64_t>::max()
                                         : row.created.time_since_epoch().count();
      break;
    case CredentialOrder::kName:
      key.text = row.live->name();
      break;
    case CredentialOrder::kFailures:
      key.number = row.live->failures_in_a_row();
      break;
    case CredentialOrder::kSuccessRate:
      key.number = success_rate(counters);
      break;
    case CredentialOrder::kLastUsed:
      key.number = std::max(counters.last_success.load(), counters.last_failure.load());
      break;
  }
  return key;
}

// A cursor is the last key of a page; number, id and text, the last of which may hold anything.
std::string write_cursor(const Key& key) {
  std::string text = std::to_string(key.number);
  text.append("\n").append(key.id).append("\n").append(key.text);
  return hex(text);
}

std::optional<std::string> unhex(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0 || text.size() > 8192) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const char* end = text.data() + i + 2;
    if (std::from_chars(text.data() + i, end, byte, 16).ptr != end) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// Views into `text`.
std::optional<Key> read_cursor(std::string_view text) {
  Key key;
  const std::size_t first = text.find('\n');
  if (first == std::string_view::npos) return std::nullopt;
  const std::size_t second = text.find('\n', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  if (std::from_chars(text.data(), text.data() + first, key.number).ptr != text.data() + first) {
    return std::nullopt;
  }
  key.id = text.substr(first + 1, second - first - 1);
  key.text = text.substr(second + 1);
  return key;
}

constexpr std::array<std::pair<std::string_view, CredentialOrder>, 5> kOrders = {{
    {"created", CredentialOrder::kCreated},
    {"name", CredentialOrder::kName},
    {"failures", CredentialOrder::kFailures},
    {"success_rate", CredentialOrder::kSuccessRate},
    {"last_used", CredentialOrder::kLastUsed},
}};

template <class Number>
std::optional<Number> read_number(const std::string& text) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

std::expected<CredentialFilter, Refusal> checked(CredentialFilter filter) {
  constexpr std::array<std::string_view, 5> kStates = {"", "ready", "cooling", "disabled",
                                                       "needs_person"};
  if (std::ranges::find(kStates, filter.state) == kStates.end()) {
    return refuse(bad_field("state", "state is none of ready, cooling, disabled and needs_person"));
  }
  filter.text = lowered(std::move(filter.text));
  return filter;
}

}  // namespace

std::string_view state_name(const pool::Credential& credential, pool::WallTime now) {
  switch (credential.state()) {
    case pool::CredentialState::kReady:
      return credential.cooldowns(now).empty() ? "ready" : "cooling";
    case pool::CredentialState::kDisabled:
      return "disabled";
    case pool::CredentialState::kNeedsPerson:
      return "needs_person";
  }
  return "disabled";
}

bool CredentialFilter::matches(const CredentialRow& row, pool::WallTime now) const {
  const pool::Credential& live = *row.live;
  if (!provider.empty() && live.provider() != provider) return false;
  if (tier && row.tier != tier) return false;
  if (live.failures_in_a_row() < min_failures) return false;
  if (!text.empty() && !contains(live.name(), text) && !contains(live.id(), text) &&
      !contains(row.note, text) && !contains(live.provider(), text) &&
      !contains(live.secret().mask(), text)) {
    return false;
  }
  return state.empty() || state_name(live, now) == state;
}

std::expected<CredentialFilter, Refusal> credential_filter(const Call& call) {
  CredentialFilter filter{.state = call.asked("state"),
                          .provider = call.asked("provider"),
                          .text = call.asked("search")};
  if (const std::string tier = call.asked("tier"); !tier.empty()) {
    filter.tier = read_number<int>(tier);
    if (!filter.tier) return refuse(bad_field("tier", "tier is no whole number"));
  }
  if (const std::string failures = call.asked("min_failures"); !failures.empty()) {
    const auto number = read_number<std::uint32_t>(failures);
    if (!number) return refuse(bad_field("min_failures", "min_failures is no whole number"));
    filter.min_failures = *number;
  }
  return checked(std::move(filter));
}

std::expected<CredentialFilter, Refusal> read_filter(Fields& fields) {
  CredentialFilter filter{.state = fields.text("state").value_or(""),
                          .provider = fields.text("provider").value_or(""),
                          .text = fields.text("search").value_or("")};
  if (const auto tier = fields.integer("tier", 0, 1000)) filter.tier = static_cast<int>(*tier);
  if (const auto failures = fields.integer("min_failures", 0, 1'000'000)) {
    filter.min_failures = static_cast<std::uint32_t>(*failures);
  }
  if (const auto problem = fields.problem()) return refuse(*problem);
  return checked(std::move(filter));
}

std::expected<CredentialPage, Refusal> page_of_credentials(const Registry& registry,
                                                           std::span<const CredentialRow> transient,
                                                           const CredentialFilter& filter,
                                                           const std::string& sort,
                                                           const Paging& paging,
                                                           pool::WallTime now) {
  std::string_view word = sort.empty() ? std::string_view("created") : std::string_view(sort);
  const bool descending = word.starts_with('-');
  if (descending) word.remove_prefix(1);
  const auto order = std::ranges::find(kOrders, word, [](const auto& each) { return each.first; });
  if (order == kOrders.end()) {
    return refuse(
        bad_field("sort",
                  "sort is none of created, name, failures, success_rate and last_used, with or "
                  "without a minus before it"));
  }
  const std::optional<std::string> cursor_text = unhex(paging.cursor);
  const std::optional<Key> cursor = cursor_text ? read_cursor(*cursor_text) : std::nullopt;
  if (!paging.cursor.empty() && !cursor) {
    return refuse(
        bad_field("cursor", "the cursor is none that an answer gave", "begin without a cursor"));
  }
  const auto before = [descending](const Key& a, const Key& b) {
    return descending ? b < a : a < b;
  };
  CredentialPage page;
  std::vector<std::pair<Key, const CredentialRow*>> found;
  for (const std::span<const CredentialRow> rows : {registry.credentials(), transient}) {
    for (const CredentialRow& row : rows) {
      if (!filter.matches(row, now)) continue;
      ++page.matching;
      const Key key = key_of(row, order->second);
      if (!cursor || before(*cursor, key)) found.emplace_back(key, &row);
    }
  }
  const auto by_key = [&](const auto& a, const auto& b) { return before(a.first, b.first); };
  const std::size_t taken = std::min(paging.limit, found.size());
  const auto end = found.begin() + static_cast<std::ptrdiff_t>(taken);
  std::ranges::partial_sort(found, end, by_key);
  for (auto each = found.begin(); each != end; ++each) page.rows.push_back(each->second);
  if (found.size() > taken) page.next = write_cursor(found[taken - 1].first);
  return page;
}

}  // namespace wasat::admin
