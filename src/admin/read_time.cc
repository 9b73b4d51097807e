#include "admin/read_time.h"

#include <charconv>

namespace wasat::admin {
namespace {

// Takes so many digits.
bool digits(std::string_view& text, std::size_t count, int& value) {
  if (text.size() < count) return false;
  const char* end = text.data() + count;
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || text.front() == '-') return false;
  text.remove_prefix(count);
  return true;
}

bool mark(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<store::Time> read_time(std::string_view text) {
  using namespace std::chrono;
  int y = 0, m = 0, d = 0, hour = 0, minute = 0, second = 0;
  if (!digits(text, 4, y) || !mark(text, '-') || !digits(text, 2, m) || !mark(text, '-') ||
      !digits(text, 2, d)) {
    return std::nullopt;
  }
  const year_month_day date{year(y), month(static_cast<unsigned>(m)),
                            day(static_cast<unsigned>(d))};
  if (!date.ok() || y < 1970) return std::nullopt;
  store::Time time = sys_days(date);
  if (text.empty()) return time;
  if (!mark(text, 'T') && !mark(text, 't') && !mark(text, ' ')) return std::nullopt;
  if (!digits(text, 2, hour) || !mark(text, ':') || !digits(text, 2, minute)) return std::nullopt;
  if (mark(text, ':') && !digits(text, 2, second)) return std::nullopt;
  if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
  time += hours(hour) + minutes(minute) + seconds(second);
  if (mark(text, '.')) {
    int scale = 100;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
      time += milliseconds(scale * (text.front() - '0'));
      scale /= 10;
      text.remove_prefix(1);
    }
  }
  if (text == "Z" || text == "z") return time;
  const bool ahead = text.starts_with('+');
  if (!ahead && !text.starts_with('-')) return std::nullopt;
  text.remove_prefix(1);
  if (!digits(text, 2, hour) || !mark(text, ':') || !digits(text, 2, minute) || !text.empty() ||
      hour > 23 || minute > 59) {
    return std::nullopt;
  }
  const auto offset = hours(hour) + minutes(minute);
  return ahead ? time - offset : time + offset;
}

}  // namespace wasat::admin
