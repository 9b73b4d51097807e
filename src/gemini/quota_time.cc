#include "gemini/quota_time.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace wasat::gemini {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;

constexpr double kYearInMs = 365.0 * 24 * 3600 * 1000;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Milliseconds in the unit that `text` begins with, and the length of its name.
struct Unit {
  double ms;
  std::size_t length;
};
std::optional<Unit> unit_at(std::string_view text) {
  if (text.starts_with("ms")) return Unit{1, 2};
  if (text.starts_with("us")) return Unit{1e-3, 2};
  if (text.starts_with("ns")) return Unit{1e-6, 2};
  if (text.starts_with("d")) return Unit{24 * 3600e3, 1};
  if (text.starts_with("h")) return Unit{3600e3, 1};
  if (text.starts_with("m")) return Unit{60e3, 1};
  if (text.starts_with("s")) return Unit{1e3, 1};
  return std::nullopt;
}

// Reads a duration at the front of `text` and says how much of it was read.
std::optional<milliseconds> leading_duration(std::string_view text, std::size_t& length) {
  double sum = 0;
  length = 0;
  while (length < text.size() && is_digit(text[length])) {
    const std::string_view rest = text.substr(length);
    double count = 0;
    const auto [end, error] =
        std::from_chars(rest.data(), rest.data() + rest.size(), count, std::chars_format::fixed);
    if (error != std::errc()) break;
    const auto digits = static_cast<std::size_t>(end - rest.data());
    const std::optional<Unit> unit = unit_at(rest.substr(digits));
    if (!unit) break;
    sum += count * unit->ms;
    length += digits + unit->length;
  }
  if (length == 0) return std::nullopt;
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(sum, kYearInMs))));
}

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (!is_digit(c)) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

bool is_pacific_daylight(SystemTime utc) {
  using namespace std::chrono;
  const year y = year_month_day(floor<days>(utc)).year();
  // 02:00 local time, which is 10:00 UTC in winter and 09:00 UTC in summer.
  const SystemTime begin = sys_days(y / March / Sunday[2]) + hours(10);
  const SystemTime end = sys_days(y / November / Sunday[1]) + hours(9);
  return utc >= begin && utc < end;
}

}  // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  std::size_t length = 0;
  const std::optional<milliseconds> duration = leading_duration(text, length);
  return length == text.size() ? duration : std::nullopt;
}

std::optional<milliseconds> duration_after(std::string_view text, std::string_view phrase) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  const auto found = std::ranges::search(text, phrase, {}, lower, lower);
  if (found.empty()) return std::nullopt;
  std::string_view rest = text.substr(static_cast<std::size_t>(found.end() - text.begin()));
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  std::size_t length = 0;
  return leading_duration(rest, length);
}

std::optional<SystemTime> parse_timestamp(std::string_view text) {
  const auto y = digits(text, 0, 4);
  const auto mo = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  const auto h = digits(text, 11, 2);
  const auto mi = digits(text, 14, 2);
  const auto s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
  if (text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' ||
      text[16] != ':' || *h > 24 || *mi > 59 || *s > 60) {
    return std::nullopt;
  }
  const std::chrono::year_month_day date{std::chrono::year(*y),
                                         std::chrono::month(static_cast<unsigned>(*mo)),
                                         std::chrono::day(static_cast<unsigned>(*d))};
  // The clock counts nanoseconds and ends in 2262.
  if (!date.ok() || *y < 1970 || *y > 2200) return std::nullopt;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    do ++at;
    while (at < text.size() && is_digit(text[at]));
  }
  minutes offset{0};
  const std::string_view zone = text.substr(at);
  if (zone.size() == 6 && (zone[0] == '+' || zone[0] == '-')) {
    const auto zone_hours = digits(zone, 1, 2);
    const auto zone_minutes = digits(zone, 4, 2);
    if (!zone_hours || !zone_minutes || zone[3] != ':') return std::nullopt;
    offset = hours(*zone_hours) + minutes(*zone_minutes);
    if (zone[0] == '-') offset = -offset;
  } else if (zone != "Z" && zone != "z") {
    return std::nullopt;
  }
  return sys_days(date) + hours(*h) + minutes(*mi) + seconds(*s) - offset;
}

SystemTime next_pacific_midnight(SystemTime now) {
  const hours behind_utc = is_pacific_daylight(now) ? hours(7) : hours(8);
  const sys_days next_day = std::chrono::floor<days>(now - behind_utc) + days(1);
  const SystemTime in_daylight = next_day + hours(7);
  return is_pacific_daylight(in_daylight) ? in_daylight : SystemTime(next_day + hours(8));
}

}  // namespace wasat::gemini
