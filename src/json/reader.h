// Reading JSON: a tree of raw spans over the caller's bytes.
//
// parse() validates the whole text (RFC 8259, UTF-8, escapes, a depth bound)
// and builds a flat array of nodes; nothing is copied. A Value is a small
// handle into it. Order of access is free. raw() gives a value's bytes exactly
// as the sender wrote them, so that they can be copied through.
//
// A Document and all Values and views from it belong to one thread and live no
// longer than the parsed bytes and the next parse() on the same Document.

#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "base/result.h"

namespace wasat::json {

enum class Type : std::uint8_t { kAbsent, kNull, kBool, kNumber, kString, kArray, kObject };

inline constexpr int kMaxDepth = 128;

class Document;

class Value {
 public:
  Value() = default;

  Type type() const;
  explicit operator bool() const { return type() != Type::kAbsent; }
  bool is_null() const { return type() == Type::kNull; }
  bool is_string() const { return type() == Type::kString; }
  bool is_array() const { return type() == Type::kArray; }
  bool is_object() const { return type() == Type::kObject; }
  bool is_number() const { return type() == Type::kNumber; }
  bool is_bool() const { return type() == Type::kBool; }

  // The value's bytes as they stand in the text; a string with its quotes.
  std::string_view raw() const;
  // A string's bytes between the quotes, still escaped. Empty for other types.
  // Half a surrogate pair is replaced (JavaScript clients cut strings there, and
  // other parsers refuse the whole text for it): then it is a copy.
  std::string_view escaped() const;
  // A string's meaning. Views into the text when nothing was escaped, else into
  // the document; either way kPadding bytes behind it can be read, so that a
  // string which is JSON itself can be parsed. nullopt for other types.
  std::optional<std::string_view> string() const;
  // string(), or `otherwise` for other types.
  std::string_view string_or(std::string_view otherwise) const;
  // Numbers. integer() is nullopt for fractions and for what does not fit;
  // 3.0 and 3e0 count as integers.
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;

  // The member with this (unescaped) name; of several the last. Absent if
  // there is none or this is no object.
  Value operator[](std::string_view name) const;
  // Members or elements; 0 for scalars.
  std::size_t size() const;
  // The name of this value in its object, unescaped; empty for elements.
  std::string_view key() const;
  // The name as written, with its quotes; empty for elements.
  std::string_view raw_key() const;

  // Children in the order of the text: for (json::Value child : value) ...
  class Iterator;
  Iterator begin() const;
  Iterator end() const;

 private:
  friend class Document;
  Value(const Document* document, std::uint32_t index) : document_(document), index_(index) {}
  const Document* document_ = nullptr;
  std::uint32_t index_ = 0;
};

// Skips from sibling to sibling.
class Value::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Value;
  using difference_type = std::ptrdiff_t;
  using pointer = const Value*;
  using reference = Value;

  Iterator(const Document* document, std::uint32_t index) : document_(document), index_(index) {}
  Value operator*() const { return Value(document_, index_); }
  Iterator& operator++();
  Iterator operator++(int) {
    const Iterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Iterator& other) const { return index_ == other.index_; }

 private:
  const Document* document_;
  std::uint32_t index_;
};

class Document {
 public:
  Document();
  ~Document();
  Document(const Document&) = delete;
  Document& operator=(const Document&) = delete;

  // The root. An error is kInvalidRequest with byte offset or line and column
  // in its detail (when they can be told), never the text itself.
  Result<Value> parse(PaddedView text, int max_depth = kMaxDepth);

 private:
  friend class Value;
  friend class Value::Iterator;
  friend class TreeBuilder;
  struct Node;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wasat::json
