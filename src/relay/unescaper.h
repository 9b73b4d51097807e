// Unescaper: the meaning of a JSON string that comes in pieces.
//
// The escapes were checked by whoever scanned the string (json::Scanner). As in json::Value,
// half a surrogate pair becomes U+FFFD. Long stretches are passed on from where they lie.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "relay/message_sink.h"

namespace wasat::relay {

class Unescaper {
 public:
  // A piece of what stands between the quotes. The sink gets pieces; behind the last one of
  // the string, one that says so.
  void push(std::string_view escaped, bool last, MessageSink& sink);

 private:
  static constexpr std::size_t kUnit = 6;  // \uXXXX

  void copy(std::string_view plain, MessageSink& sink);
  // The next byte of an escape that has begun. False: it does not belong to it.
  bool escape(char c);
  void escape_has_unit();
  void escape_has_two_units();
  void append(std::uint32_t code_point);
  std::uint32_t unit(std::size_t at) const;

  std::array<char, 2 * kUnit> escape_{};  // what is known of one
  std::size_t known_ = 0;
  std::string out_;  // short stretches
};

}  // namespace wasat::relay
