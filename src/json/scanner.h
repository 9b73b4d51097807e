// Scanner: checks JSON that comes in pieces (RFC 8259, a depth bound), and says where the
// values of some containers begin and end.
//
// Holds no bytes. Accepts what Document::parse() accepts, except that nothing is said about
// UTF-8.

#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>

#include "json/reader.h"

namespace wasat::json {

class Scanner {
 public:
  // What is told of values and names that lie in watched containers. Places are within
  // the bytes of this push(); `behind` may be their end.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    virtual void name_begins(const char* at) = 0;  // at its quote
    virtual void name_ended(const char* behind) = 0;
    virtual void value_begins(const char* at, Type type) = 0;
    virtual void value_ended(const char* behind) = 0;
  };

  static constexpr int kMostDepth = 192;

  // At most kMostDepth containers around each other.
  explicit Scanner(int max_depth, Watcher* watcher = nullptr)
      : max_depth_(max_depth), watcher_(watcher) {}

  // False: this is no JSON, whatever follows; or stop() was called.
  bool push(std::string_view bytes);
  // The end. True: all of it was one value.
  bool finish();

  // Values within `depth` containers and fewer are told; at first the outermost one (0).
  void watch(int depth) { watched_ = depth; }
  // How many containers lie around what is told now, and what the innermost one is.
  int depth() const { return depth_; }
  bool in_object() const { return depth_ > 0 && objects_[static_cast<std::size_t>(depth_ - 1)]; }
  // Nothing more is wanted.
  void stop() { state_ = State::kBroken; }

 private:
  enum class State : std::uint8_t {
    kValue,
    kFirstElement,  // or ]
    kFirstName,     // or }
    kName,
    kColon,
    kBehindValue,  // a comma or the container's end
    kString,
    kEscape,  // behind a backslash
    kHex,     // in its four digits
    kNumber,
    kWord,
    kDone,
    kBroken,
  };
  // What was read of a number.
  enum class Number : std::uint8_t {
    kMinus,
    kZero,
    kDigits,
    kPoint,
    kFraction,
    kE,
    kSign,
    kExponent,
    kNone,
  };

  static Number next(Number number, char c);
  static bool is_complete(Number number);
  bool is_watched() const { return watcher_ != nullptr && depth_ <= watched_; }

  const char* structure(const char* at);
  const char* string(const char* at, const char* end);
  const char* number(const char* at, const char* end);
  void escape(char c);
  void hex(char c);
  void word(const char* at);
  void begin_value(const char* at);
  void open(bool is_object);
  void close(const char* at);
  void value_ended(const char* behind);

  const int max_depth_;
  Watcher* const watcher_;
  int watched_ = 0;
  int depth_ = 0;
  std::bitset<kMostDepth> objects_;  // of the open containers
  State state_ = State::kValue;
  bool is_name_ = false;  // the string
  int digits_ = 0;        // of an escape
  Number number_ = Number::kNone;
  const char* word_ = "";  // what must follow of true, false, null
};

}  // namespace wasat::json
