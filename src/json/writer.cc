#include "json/writer.h"

#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

#include "json/escape.h"
#include "json/text.h"

namespace wasat::json {
namespace {

// Whether one of eight bytes is a control character, '"', '\\' or not ASCII.
bool needs_care(std::uint64_t bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto has_zero = [](std::uint64_t x) { return (x - kOnes) & ~x & kHighs; };
  const std::uint64_t controls = (bytes - kOnes * 0x20) & ~bytes & kHighs;
  return (controls | has_zero(bytes ^ kOnes * '"') | has_zero(bytes ^ kOnes * '\\') |
          (bytes & kHighs)) != 0;
}

}  // namespace

void append_escaped(std::string& out, std::string_view text) {
  std::size_t copied = 0;
  std::size_t at = 0;
  const auto flush = [&] { out.append(text, copied, at - copied); };
  while (at < text.size()) {
    if (text.size() - at >= sizeof(std::uint64_t)) {
      std::uint64_t bytes = 0;
      std::memcpy(&bytes, text.data() + at, sizeof bytes);
      if (!needs_care(bytes)) {
        at += sizeof bytes;
        continue;
      }
    }
    const char c = text[at];
    if (c == '"' || c == '\\') {
      flush();
      out += '\\';
      copied = at++;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      flush();
      append_escape(out, c);
      copied = ++at;
    } else if (static_cast<unsigned char>(c) < 0x80) {
      ++at;
    } else if (const std::size_t length = utf8_length(text.substr(at)); length != 0) {
      at += length;
    } else {
      flush();
      out += "\xEF\xBF\xBD";
      copied = ++at;
    }
  }
  flush();
}

bool is_plain(std::string_view text) {
  std::uint64_t bytes = 0;
  while (text.size() >= sizeof bytes) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (needs_care(bytes)) return false;
    text.remove_prefix(sizeof bytes);
  }
  // The rest, with letters in front of it.
  bytes = 0x6161616161616161;
  std::memcpy(&bytes, text.data(), text.size());
  return !needs_care(bytes);
}

void append_string(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

void Writer::separate() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  first_ = false;
}

void Writer::append_span(std::string_view bytes) {
  if (splices_ != nullptr && bytes.size() >= kSpliceThreshold) {
    splices_->push_back({out_.size(), bytes});
  } else {
    out_.append(bytes);
  }
}

void Writer::roll_back(Mark mark) {
  out_.resize(mark.size);
  first_ = mark.first;
  depth_ = mark.depth;
  after_key_ = false;
}

Writer& Writer::begin_object() {
  separate();
  out_ += '{';
  first_ = true;
  ++depth_;
  return *this;
}

Writer& Writer::end_object() {
  assert(depth_ > 0 && !after_key_);
  --depth_;
  out_ += '}';
  first_ = false;
  return *this;
}

Writer& Writer::begin_array() {
  separate();
  out_ += '[';
  first_ = true;
  ++depth_;
  return *this;
}

Writer& Writer::end_array() {
  assert(depth_ > 0 && !after_key_);
  --depth_;
  out_ += ']';
  first_ = false;
  return *this;
}

Writer& Writer::key(std::string_view name) {
  assert(!after_key_);
  separate();
  out_ += '"';
  out_ += name;
  out_ += "\":";
  after_key_ = true;
  return *this;
}

Writer& Writer::key_escaped(std::string_view name) {
  assert(!after_key_);
  separate();
  append_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

Writer& Writer::string(std::string_view text) {
  separate();
  append_string(out_, text);
  return *this;
}

Writer& Writer::number(std::int64_t value) {
  separate();
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  out_.append(digits.begin(), end);
  return *this;
}

Writer& Writer::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  out_.append(digits.begin(), end);
  return *this;
}

Writer& Writer::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

Writer& Writer::null() {
  separate();
  out_ += "null";
  return *this;
}

Writer& Writer::raw(std::string_view json) {
  separate();
  append_span(json);
  return *this;
}

Writer& Writer::escaped_string(std::string_view escaped) {
  separate();
  out_ += '"';
  append_span(escaped);
  out_ += '"';
  return *this;
}

Writer& Writer::escaped_string(std::initializer_list<std::string_view> pieces) {
  separate();
  out_ += '"';
  for (const std::string_view piece : pieces) append_span(piece);
  out_ += '"';
  return *this;
}

Body to_body(std::string text, const Splices& splices, std::shared_ptr<const void> owner) {
  if (splices.empty()) return Body::of(std::move(text));
  const auto written = std::make_shared<const std::string>(std::move(text));
  const std::string_view all = *written;
  Body body;
  std::size_t done = 0;
  for (const Splice& splice : splices) {
    body.append(all.substr(done, splice.offset - done), written);
    body.append(splice.span, owner);
    done = splice.offset;
  }
  body.append(all.substr(done), written);
  return body;
}

}  // namespace wasat::json
