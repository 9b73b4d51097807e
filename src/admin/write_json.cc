#include "admin/write_json.h"

#include <array>
#include <cstdio>
#include <ctime>

namespace wasat::admin {

std::string iso_time(store::Time time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const std::time_t seconds = whole.time_since_epoch().count();
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::array<char, 8> fraction;
  std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                static_cast<int>((time - whole).count()));
  return std::string(text.data(), size) + fraction.data();
}

void time_member(json::Writer& writer, std::string_view name, store::Time time) {
  if (time == store::Time{}) {
    writer.key(name).null();
  } else {
    writer.member(name, iso_time(time));
  }
}

void text_or_null(json::Writer& writer, std::string_view name, std::string_view text) {
  if (text.empty()) {
    writer.key(name).null();
  } else {
    writer.member(name, text);
  }
}

}  // namespace wasat::admin
