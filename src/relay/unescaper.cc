#include "relay/unescaper.h"

#include <algorithm>
#include <cstring>

#include "base/percent.h"
#include "json/escape.h"

namespace wasat::relay {
namespace {

constexpr std::size_t kLong = 1024;  // passed on from where it lies
constexpr std::size_t kMostGathered = std::size_t{16} * 1024;
constexpr std::uint32_t kReplacement = 0xFFFD;

constexpr char meaning(char escape) {
  switch (escape) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return escape;
  }
}

constexpr bool is_high(std::uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
constexpr bool is_low(std::uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

}  // namespace

void Unescaper::push(std::string_view escaped, bool last, MessageSink& sink) {
  const char* at = escaped.data();
  const char* const end = at + escaped.size();
  while (at != end) {
    if (known_ > 0) {
      if (escape(*at)) ++at;
      continue;
    }
    const void* found = std::memchr(at, '\\', static_cast<std::size_t>(end - at));
    const char* const backslash = found == nullptr ? end : static_cast<const char*>(found);
    copy({at, static_cast<std::size_t>(backslash - at)}, sink);
    at = backslash;
    if (end - at >= 2 && at[1] != 'u') {
      out_ += meaning(at[1]);
      at += 2;
    } else if (at != end) {
      escape(*at++);
    }
  }
  if (last && known_ > 0) {  // the first half of a pair
    known_ = 0;
    append(kReplacement);
  }
  if (last || !out_.empty()) sink.piece(out_, last);
  out_.clear();
  if (last) out_.shrink_to_fit();
}

void Unescaper::copy(std::string_view plain, MessageSink& sink) {
  const bool is_long = plain.size() >= kLong;
  if (!out_.empty() && (is_long || out_.size() + plain.size() > kMostGathered)) {
    sink.piece(out_, false);
    out_.clear();
  }
  if (is_long) {
    sink.piece(plain, false);
  } else {
    out_ += plain;
  }
}

bool Unescaper::escape(char c) {
  if (known_ == kUnit && c != '\\') {  // no pair
    known_ = 0;
    append(kReplacement);
    return false;
  }
  escape_[known_++] = c;
  if (known_ == 2 && c != 'u') {
    known_ = 0;
    out_ += meaning(c);
  } else if (known_ == kUnit) {
    escape_has_unit();
  } else if (known_ == kUnit + 2 && c != 'u') {  // no pair, but another escape
    known_ = 0;
    append(kReplacement);
    out_ += meaning(c);
  } else if (known_ == 2 * kUnit) {
    escape_has_two_units();
  }
  return true;
}

void Unescaper::escape_has_unit() {
  const std::uint32_t code = unit(0);
  if (is_high(code)) return;  // the next unit may complete it
  known_ = 0;
  append(is_low(code) ? kReplacement : code);
}

void Unescaper::escape_has_two_units() {
  const std::uint32_t high = unit(0);
  const std::uint32_t low = unit(kUnit);
  if (is_low(low)) {
    known_ = 0;
    append(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00));
    return;
  }
  append(kReplacement);
  std::copy_n(escape_.begin() + kUnit, kUnit, escape_.begin());
  known_ = kUnit;
  escape_has_unit();
}

std::uint32_t Unescaper::unit(std::size_t at) const {
  std::uint32_t code = 0;
  for (std::size_t i = at + 2; i < at + kUnit; ++i) {
    code = code * 16 + static_cast<std::uint32_t>(std::max(hex_digit(escape_[i]), 0));
  }
  return code;
}

void Unescaper::append(std::uint32_t code_point) {
  std::array<char, 4> bytes;
  out_.append(bytes.data(), json::put_utf8(bytes.data(), code_point));
}

}  // namespace wasat::relay
