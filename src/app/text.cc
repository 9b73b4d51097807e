#include "app/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

namespace wasat::app {
namespace {

constexpr std::string_view kBlank = " \t\r\n\f\v";
constexpr std::string_view kSeparators = " \t\r\n\f\v,;";
constexpr std::string_view kPairSeparators = " \t\r\n\f\v,";

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  text = trim(text);
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::vector<std::string_view> items;
  while (!text.empty()) {
    const std::size_t first = text.find_first_not_of(separators);
    if (first == std::string_view::npos) break;
    text.remove_prefix(first);
    std::string_view item = text.substr(0, text.find_first_of(separators));
    text.remove_prefix(item.size());
    while (!item.empty() && (item.front() == '"' || item.front() == '\'')) item.remove_prefix(1);
    while (!item.empty() && (item.back() == '"' || item.back() == '\'')) item.remove_suffix(1);
    if (!item.empty()) items.push_back(item);
  }
  return items;
}

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

template <std::size_t N>
std::optional<std::int64_t> scaled(
    std::string_view text, const std::array<std::pair<std::string_view, double>, N>& units) {
  text = trim(text);
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  const std::string unit = lower(trim(text.substr(static_cast<std::size_t>(end - text.data()))));
  for (const auto& [name, factor] : units) {
    if (unit != name) continue;
    const double value = number * factor;
    if (!(std::abs(value) < 9e15)) return std::nullopt;
    return static_cast<std::int64_t>(std::llround(value));
  }
  return std::nullopt;
}

// How many insertions, deletions, replacements and swaps of neighbours lie between.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower_char(a[i - 1]) == lower_char(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && lower_char(a[i - 1]) == lower_char(b[j - 2]) &&
          lower_char(a[i - 2]) == lower_char(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = lower_char(c);
  return out;
}

std::vector<std::string_view> split_list(std::string_view text) { return split(text, kSeparators); }

std::vector<std::string_view> split_pairs(std::string_view text) {
  return split(text, kPairSeparators);
}

std::string with_commas(std::span<const std::string> items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ",") + item;
  return text;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, double>, 7> kUnits = {
      {{"", 1e3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"min", 6e4}, {"h", 3.6e6}, {"d", 8.64e7}}};
  return scaled(text, kUnits);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  constexpr double kKi = 1024, kMi = kKi * 1024, kGi = kMi * 1024, kTi = kGi * 1024;
  constexpr std::array<std::pair<std::string_view, double>, 14> kUnits = {{{"", 1},
                                                                           {"b", 1},
                                                                           {"k", kKi},
                                                                           {"kb", kKi},
                                                                           {"kib", kKi},
                                                                           {"m", kMi},
                                                                           {"mb", kMi},
                                                                           {"mib", kMi},
                                                                           {"g", kGi},
                                                                           {"gb", kGi},
                                                                           {"gib", kGi},
                                                                           {"t", kTi},
                                                                           {"tb", kTi},
                                                                           {"tib", kTi}}};
  return scaled(text, kUnits);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trim(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<bool> parse_switch(std::string_view text) {
  const std::string word = lower(trim(text));
  if (word == "true" || word == "1" || word == "yes" || word == "on") return true;
  if (word == "false" || word == "0" || word == "no" || word == "off") return false;
  return std::nullopt;
}

std::optional<std::string_view> nearest(std::string_view word,
                                        std::span<const std::string_view> candidates) {
  std::optional<std::string_view> best;
  std::size_t best_distance = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string_view candidate : candidates) {
    const std::size_t d = distance(word, candidate);
    if (d < best_distance) {
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace wasat::app
