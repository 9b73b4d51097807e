#include "simulator/resources/asked.h"

#include <array>
#include <charconv>
#include <chrono>
#include <ctime>
#include <utility>

#include "base/query.h"
#include "simulator/fields.h"
#include "simulator/google_json.h"
#include "simulator/resources/description.h"

namespace wasat::simulator {
namespace {

constexpr std::string_view kJson = "application/json; charset=UTF-8";

}  // namespace

Holding Asked::made(std::string name) const {
  Holding holding;
  holding.name = std::move(name);
  holding.key = key;
  holding.made = now_seconds();
  holding.display_name = field(body, "displayName").string_or("");
  return holding;
}

Outcome Asked::keep(Holding holding) const {
  const std::string compact = json_of(holding);
  holdings.put(std::move(holding));
  return unary(compact);
}

std::size_t Asked::number(std::string_view name, std::size_t otherwise) const {
  return static_cast<std::size_t>(
      seconds_of(query_value(query, name), static_cast<std::int64_t>(otherwise)));
}

Outcome unary(std::string_view compact) {
  Outcome outcome{.status = 200, .content_type = kJson, .frames = {}, .tail = {}};
  outcome.frames.push_back(pretty(compact));
  return outcome;
}

Outcome refuse(const GoogleError& error) {
  return refused(error, dialect::native::Framing::kUnary);
}

GoogleError denied(std::string_view name) {
  if (name.starts_with("files/")) {
    return google_error(403, "PERMISSION_DENIED",
                        "You do not have permission to access the File " +
                            std::string(name.substr(6)) + " or it may not exist.");
  }
  if (name.starts_with("cachedContents/")) {
    return google_error(403, "PERMISSION_DENIED", "CachedContent not found (or permission denied)");
  }
  return google_error(404, "NOT_FOUND", "Requested entity was not found.");
}

std::int64_t now_seconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string time_text(std::int64_t unix_seconds) {
  const auto time = static_cast<std::time_t>(unix_seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::int64_t seconds_of(std::string_view text, std::int64_t otherwise) {
  std::int64_t value = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace wasat::simulator
