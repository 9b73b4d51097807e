// Log: diagnostics for the operator, to standard error.
//
// Owned by composition, used from any thread. Lines are formatted by the caller
// and written by a thread of its own; when that falls behind, the oldest waiting
// lines go. Its end waits until the rest is out. Exchanges have a log of their own
// (observe/line_log.h).
//
// No secret belongs in a message or a field; a Secret cannot be one by its type.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace wasat::observe {

enum class Level : std::uint8_t { kTrace, kDebug, kInfo, kWarn, kError, kOff };

// One named value beside a message.
struct Field {
  Field(std::string_view field_name, std::string_view text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const char* text) : name(field_name), value(text) {}
  Field(std::string_view field_name, const std::string& text) : name(field_name), value(text) {}
  template <class T>
    requires std::is_arithmetic_v<T>
  Field(std::string_view field_name, T number)
      : name(field_name), value(std::to_string(number)), bare(true) {}

  std::string_view name;
  std::string value;
  bool bare = false;  // a number: no quotes in JSON
};
using Fields = std::initializer_list<Field>;

class Log {
 public:
  enum class Format : std::uint8_t { kText, kJson };

  Log(Level level, Format format);
  // To a descriptor that the caller owns, for tests.
  Log(Level level, Format format, int descriptor);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  void debug(std::string_view message, Fields fields = {}) {
    write(Level::kDebug, message, fields);
  }
  void info(std::string_view message, Fields fields = {}) { write(Level::kInfo, message, fields); }
  void warn(std::string_view message, Fields fields = {}) { write(Level::kWarn, message, fields); }
  void error(std::string_view message, Fields fields = {}) {
    write(Level::kError, message, fields);
  }

  bool writes(Level level) const;
  // Takes effect at once, on all threads.
  void set_level(Level level);

 private:
  void write(Level level, std::string_view message, Fields fields);
  struct Sink;
  std::unique_ptr<Sink> sink_;
  Format format_;
};

// "trace", "debug", "info", "warn", "error", "off".
std::string_view level_name(Level level);
// The reverse; kInfo for any other text.
Level level_of(std::string_view name);

}  // namespace wasat::observe
