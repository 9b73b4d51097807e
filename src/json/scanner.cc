#include "json/scanner.h"

#include "json/find_special.h"

namespace wasat::json {
namespace {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool Scanner::push(std::string_view bytes) {
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end && state_ != State::kBroken) {
    switch (state_) {
      case State::kString:
        at = string(at, end);
        break;
      case State::kNumber:
        at = number(at, end);
        break;
      case State::kEscape:
        escape(*at++);
        break;
      case State::kHex:
        hex(*at++);
        break;
      case State::kWord:
        word(at++);
        break;
      default:
        at = is_space(*at) ? at + 1 : structure(at);
    }
  }
  return state_ != State::kBroken;
}

bool Scanner::finish() {
  if (state_ == State::kNumber && depth_ == 0 && is_complete(number_)) state_ = State::kDone;
  return state_ == State::kDone;
}

const char* Scanner::structure(const char* at) {
  const char c = *at;
  switch (state_) {
    case State::kFirstElement:
      if (c == ']') {
        close(at);
        return at + 1;
      }
      [[fallthrough]];
    case State::kValue:
      begin_value(at);
      return at + 1;
    case State::kFirstName:
      if (c == '}') {
        close(at);
        return at + 1;
      }
      [[fallthrough]];
    case State::kName:
      if (c != '"') break;
      state_ = State::kString;
      is_name_ = true;
      if (is_watched()) watcher_->name_begins(at);
      return at + 1;
    case State::kColon:
      if (c != ':') break;
      state_ = State::kValue;
      return at + 1;
    case State::kBehindValue:
      if (c == ',') {
        state_ = in_object() ? State::kName : State::kValue;
        return at + 1;
      }
      if (c != (in_object() ? '}' : ']')) break;
      close(at);
      return at + 1;
    default:
      break;
  }
  stop();
  return at;
}

void Scanner::begin_value(const char* at) {
  // What a watcher says is the last word: it may stop.
  const auto begin = [&](State state, Type type) {
    state_ = state;
    if (is_watched()) watcher_->value_begins(at, type);
  };
  const auto begin_word = [&](const char* rest, Type type) {
    word_ = rest;
    begin(State::kWord, type);
  };
  const auto begin_container = [&](bool is_object) {
    begin(State::kValue, is_object ? Type::kObject : Type::kArray);
    if (state_ != State::kBroken) open(is_object);
  };
  switch (*at) {
    case '"':
      is_name_ = false;
      return begin(State::kString, Type::kString);
    case '{':
      return begin_container(true);
    case '[':
      return begin_container(false);
    case 't':
      return begin_word("rue", Type::kBool);
    case 'f':
      return begin_word("alse", Type::kBool);
    case 'n':
      return begin_word("ull", Type::kNull);
    default:
      number_ = next(Number::kNone, *at);
      if (number_ == Number::kNone) return stop();
      return begin(State::kNumber, Type::kNumber);
  }
}

void Scanner::open(bool is_object) {
  if (depth_ >= max_depth_ || depth_ >= kMostDepth) return stop();
  objects_[static_cast<std::size_t>(depth_)] = is_object;
  ++depth_;
  state_ = is_object ? State::kFirstName : State::kFirstElement;
}

void Scanner::close(const char* at) {
  --depth_;
  value_ended(at + 1);
}

void Scanner::value_ended(const char* behind) {
  state_ = depth_ == 0 ? State::kDone : State::kBehindValue;
  if (is_watched()) watcher_->value_ended(behind);
}

const char* Scanner::string(const char* at, const char* end) {
  at = find_special(at, end);
  if (at == end) return at;
  if (*at == '\\') {
    state_ = State::kEscape;
  } else if (*at != '"') {
    stop();
  } else if (is_name_) {
    state_ = State::kColon;
    if (is_watched()) watcher_->name_ended(at + 1);
  } else {
    value_ended(at + 1);
  }
  return at + 1;
}

void Scanner::escape(char c) {
  constexpr std::string_view kSimple = "\"\\/bfnrt";
  if (c == 'u') {
    state_ = State::kHex;
    digits_ = 0;
  } else if (kSimple.contains(c)) {
    state_ = State::kString;
  } else {
    stop();
  }
}

void Scanner::hex(char c) {
  if (!is_digit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) return stop();
  if (++digits_ == 4) state_ = State::kString;
}

void Scanner::word(const char* at) {
  if (*at != *word_) return stop();
  if (*++word_ == '\0') value_ended(at + 1);
}

const char* Scanner::number(const char* at, const char* end) {
  Number number = number_;
  for (; at != end; ++at) {
    const Number after = next(number, *at);
    if (after == Number::kNone) break;
    number = after;
  }
  number_ = number;
  if (at == end) return at;
  if (!is_complete(number)) {
    stop();
  } else {
    value_ended(at);
  }
  return at;
}

bool Scanner::is_complete(Number number) {
  return number == Number::kZero || number == Number::kDigits || number == Number::kFraction ||
         number == Number::kExponent;
}

Scanner::Number Scanner::next(Number number, char c) {
  switch (number) {
    case Number::kNone:
      if (c == '-') return Number::kMinus;
      [[fallthrough]];
    case Number::kMinus:
      if (c == '0') return Number::kZero;
      return is_digit(c) ? Number::kDigits : Number::kNone;
    case Number::kDigits:
      if (is_digit(c)) return Number::kDigits;
      [[fallthrough]];
    case Number::kZero:
      if (c == '.') return Number::kPoint;
      return c == 'e' || c == 'E' ? Number::kE : Number::kNone;
    case Number::kPoint:
      return is_digit(c) ? Number::kFraction : Number::kNone;
    case Number::kFraction:
      if (is_digit(c)) return Number::kFraction;
      return c == 'e' || c == 'E' ? Number::kE : Number::kNone;
    case Number::kE:
      if (c == '+' || c == '-') return Number::kSign;
      [[fallthrough]];
    case Number::kSign:
    case Number::kExponent:
      return is_digit(c) ? Number::kExponent : Number::kNone;
  }
  return Number::kNone;
}

}  // namespace wasat::json
