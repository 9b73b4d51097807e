// A place in a schema as all schemas that must hold there say it: the schema itself,
// what its $ref points to, what its allOf adds.

#pragma once

#include <set>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace wasat::dialect {

// JSON Schema's names of types but "null".
inline constexpr std::string_view kObject = "object";
inline constexpr std::string_view kArray = "array";
inline constexpr std::string_view kString = "string";
inline constexpr std::string_view kNumber = "number";
inline constexpr std::string_view kInteger = "integer";
inline constexpr std::string_view kBoolean = "boolean";

class Node {
 public:
  // Views into `root`'s document; `schema` is somewhere in it.
  Node(json::Value root, json::Value schema) : Node(root, schema, {}) {}

  // The schema of a property, of elements.
  Node child(json::Value schema) const { return {root_, schema, entered_}; }
  // One of several alternatives, and everything that stands beside them but its words.
  Node with(json::Value alternative) const;
  // The only alternative that is left; words that stand beside it outrank its own.
  Node narrowed_to(json::Value alternative) const;
  // All alternatives at once: each brings its properties, none what it requires.
  Node united() const;
  // Of the types that the node has, this one.
  Node of_type(std::string_view type) const;

  // The value of a keyword, in the first of the schemas that has it.
  json::Value find(std::string_view keyword) const;
  // The same of a title, a description, a default.
  json::Value find_words(std::string_view keyword) const;
  // anyOf or oneOf that with() has not chosen from yet; absent: there are none.
  json::Value alternatives() const;
  // Without "null". Empty: nothing says it.
  std::vector<std::string_view> types() const;
  // Its only type, or what its keywords and values let one think; empty: anything.
  std::string_view type() const;
  // Whether null is among what it allows.
  bool nullable() const;
  void set_nullable() { nullable_ = true; }
  // Null, and nothing else.
  bool only_null() const;
  // Of enum or const, without null.
  std::vector<json::Value> values() const;
  // Of all schemas, each name once, in their order.
  std::vector<json::Value> properties() const;
  std::set<std::string_view> required() const;
  // How much there is to look through.
  std::size_t weight() const;

 private:
  struct Part {
    json::Value schema;
    bool chosen = false;    // its alternatives are not looked at
    bool optional = false;  // what it requires is not required
    bool silent = false;    // its words are said elsewhere
  };

  Node(json::Value root, json::Value schema, std::vector<std::string_view> entered);
  void gather(json::Value schema, int depth);

  json::Value root_;
  std::vector<Part> parts_;
  std::vector<std::string_view> entered_;  // references on the way to here
  std::string_view type_;                  // chosen among several
  bool nullable_ = false;
  bool endless_ = false;  // a reference leads back to where it came from
};

}  // namespace wasat::dialect
