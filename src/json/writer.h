// Writing JSON by appending.
//
// Writer appends to a string; commas are its business, nesting is the
// caller's (checked in debug builds). When made with a Splices list, raw spans
// of kSpliceThreshold bytes and more are not copied: their place is noted, and
// to_body() weaves them in (the spans must outlive the body's owner).

#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"

namespace wasat::json {

struct Splice {
  std::size_t offset;     // in the written text
  std::string_view span;  // belongs there
};
using Splices = std::vector<Splice>;

inline constexpr std::size_t kSpliceThreshold = 4096;

// Appends `text` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD.
void append_string(std::string& out, std::string_view text);
// The same without the quotes, to build one string from several pieces.
void append_escaped(std::string& out, std::string_view text);

// Whether it can stand in a JSON string as it is: ASCII, and nothing to escape.
bool is_plain(std::string_view text);

class Writer {
 public:
  explicit Writer(std::string& out, Splices* splices = nullptr) : out_(out), splices_(splices) {}

  Writer& begin_object();
  Writer& end_object();
  Writer& begin_array();
  Writer& end_array();
  // `name` must need no escaping (a literal of ours).
  Writer& key(std::string_view name);
  // A name from outside: escaped.
  Writer& key_escaped(std::string_view name);

  Writer& string(std::string_view text);
  Writer& number(std::int64_t value);
  Writer& number(double value);  // shortest form that reads back; NaN and infinities as null
  Writer& boolean(bool value);
  Writer& null();
  // A complete JSON value as it stands. Spliced when long.
  Writer& raw(std::string_view json);
  // A string whose content is already escaped: quotes are added. Spliced when long.
  Writer& escaped_string(std::string_view escaped);
  // One string from several escaped pieces.
  Writer& escaped_string(std::initializer_list<std::string_view> pieces);

  // key(name) and value in one.
  Writer& member(std::string_view name, std::string_view text) { return key(name).string(text); }
  Writer& member(std::string_view name, const char* text) { return key(name).string(text); }
  Writer& member(std::string_view name, std::int64_t value) { return key(name).number(value); }
  Writer& member(std::string_view name, int value) { return key(name).number(std::int64_t{value}); }
  Writer& member(std::string_view name, double value) { return key(name).number(value); }
  Writer& member(std::string_view name, bool value) { return key(name).boolean(value); }
  Writer& member_raw(std::string_view name, std::string_view json) { return key(name).raw(json); }

  // To take back what turned out to be empty: mark before the key, and
  // roll back while nothing was spliced since.
  struct Mark {
    std::size_t size;
    bool first;
    int depth;
  };
  Mark mark() const { return {out_.size(), first_, depth_}; }
  void roll_back(Mark mark);
  // Nothing was written since the innermost open begin_object() or begin_array().
  bool at_start() const { return first_; }

 private:
  void separate();
  void append_span(std::string_view bytes);

  std::string& out_;
  Splices* splices_;
  bool first_ = true;  // nothing written yet on this level
  bool after_key_ = false;
  int depth_ = 0;
};

// The written text with the splices in their places. `owner` keeps the spliced spans alive.
Body to_body(std::string text, const Splices& splices, std::shared_ptr<const void> owner);

}  // namespace wasat::json
