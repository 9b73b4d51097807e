#include "dialect/schema/node.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>

#include "dialect/schema/references.h"

namespace wasat::dialect {
namespace {

constexpr std::size_t kMaxParts = 64;
constexpr int kMaxDepth = 32;

// The constant for a type's name, in whatever case; "null"; or empty.
std::string_view type_named(json::Value name) {
  std::string lower(name.string_or(""));
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  for (const std::string_view type :
       {kObject, kArray, kString, kNumber, kInteger, kBoolean, std::string_view("null")}) {
    if (lower == type) return type;
  }
  return {};
}

std::string_view type_of(json::Value value) {
  switch (value.type()) {
    case json::Type::kString:
      return kString;
    case json::Type::kBool:
      return kBoolean;
    case json::Type::kNumber:
      return value.integer() ? kInteger : kNumber;
    case json::Type::kArray:
      return kArray;
    default:
      return kObject;
  }
}

// What they have in common; empty: nothing.
std::string_view type_of(const std::vector<json::Value>& values) {
  std::string_view common;
  for (const json::Value value : values) {
    const std::string_view type = type_of(value);
    const bool numbers =
        (common == kInteger && type == kNumber) || (common == kNumber && type == kInteger);
    if (common.empty()) {
      common = type;
    } else if (numbers) {
      common = kNumber;
    } else if (type != common) {
      return {};
    }
  }
  return common;
}

std::string_view type_of_keywords(const Node& node) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kHints = {{
      {"properties", kObject},
      {"additionalProperties", kObject},
      {"required", kObject},
      {"patternProperties", kObject},
      {"minProperties", kObject},
      {"maxProperties", kObject},
      {"items", kArray},
      {"prefixItems", kArray},
      {"minItems", kArray},
      {"maxItems", kArray},
      {"minLength", kString},
      {"maxLength", kString},
      {"pattern", kString},
      {"minimum", kNumber},
      {"maximum", kNumber},
      {"exclusiveMinimum", kNumber},
      {"exclusiveMaximum", kNumber},
  }};
  for (const auto& [keyword, type] : kHints) {
    if (node.find(keyword)) return type;
  }
  return {};
}

}  // namespace

Node::Node(json::Value root, json::Value schema, std::vector<std::string_view> entered)
    : root_(root), entered_(std::move(entered)) {
  gather(schema, 0);
}

void Node::gather(json::Value schema, int depth) {
  if (!schema.is_object() || parts_.size() >= kMaxParts || depth > kMaxDepth) return;
  parts_.push_back({.schema = schema});
  if (const std::string_view target = schema["$ref"].string_or(""); !target.empty()) {
    if (std::ranges::find(entered_, target) != entered_.end()) {
      endless_ = true;
    } else {
      entered_.push_back(target);
      gather(resolve_reference(root_, target), depth + 1);
    }
  }
  if (const json::Value all = schema["allOf"]; all.is_array()) {
    for (const json::Value one : all) gather(one, depth + 1);
  }
}

Node Node::with(json::Value alternative) const {
  Node node(root_, alternative, entered_);
  for (Part part : parts_) {
    part.chosen = part.silent = true;
    node.parts_.push_back(part);
  }
  node.nullable_ = nullable_;
  node.endless_ |= endless_;
  return node;
}

Node Node::narrowed_to(json::Value alternative) const {
  Node node = *this;
  for (Part& part : node.parts_) part.chosen = true;
  const Node inner(root_, alternative, entered_);
  node.parts_.insert(node.parts_.end(), inner.parts_.begin(), inner.parts_.end());
  node.entered_ = inner.entered_;
  node.endless_ |= inner.endless_;
  return node;
}

Node Node::united() const {
  Node node = *this;
  for (std::size_t i = 0; i < node.parts_.size(); ++i) {
    if (std::exchange(node.parts_[i].chosen, true)) continue;
    const json::Value schema = node.parts_[i].schema;
    const std::size_t own = node.parts_.size();
    for (const std::string_view keyword : {"anyOf", "oneOf"}) {
      if (!schema[keyword].is_array()) continue;
      for (const json::Value one : schema[keyword]) node.gather(one, 0);
    }
    for (std::size_t j = own; j < node.parts_.size(); ++j) node.parts_[j].optional = true;
  }
  return node.of_type(kObject);
}

Node Node::of_type(std::string_view type) const {
  Node node = *this;
  node.type_ = type;
  return node;
}

json::Value Node::find(std::string_view keyword) const {
  for (const Part& part : parts_) {
    if (const json::Value value = part.schema[keyword]) return value;
  }
  return {};
}

json::Value Node::find_words(std::string_view keyword) const {
  for (const Part& part : parts_) {
    if (part.silent) continue;
    if (const json::Value value = part.schema[keyword]) return value;
  }
  return {};
}

json::Value Node::alternatives() const {
  for (const Part& part : parts_) {
    if (part.chosen) continue;
    for (const std::string_view keyword : {"anyOf", "oneOf"}) {
      const json::Value list = part.schema[keyword];
      if (list.is_array() && list.size() != 0) return list;
    }
  }
  return {};
}

std::vector<std::string_view> Node::types() const {
  if (!type_.empty()) return {type_};
  std::vector<std::string_view> found;
  const auto add = [&found](json::Value name) {
    const std::string_view type = type_named(name);
    if (type.empty() || type == "null") return;
    if (std::ranges::find(found, type) == found.end()) found.push_back(type);
  };
  const json::Value type = find("type");
  if (type.is_array()) {
    for (const json::Value one : type) add(one);
  } else {
    add(type);
  }
  // An integer is a number.
  if (found.size() > 1 && std::ranges::find(found, kNumber) != found.end()) {
    std::erase(found, kInteger);
  }
  return found;
}

std::string_view Node::type() const {
  if (const std::vector<std::string_view> said = types(); said.size() == 1) return said.front();
  if (const std::string_view type = type_of(values()); !type.empty()) return type;
  if (const std::string_view type = type_of_keywords(*this); !type.empty()) return type;
  if (endless_) return kObject;
  return nullable() || !values().empty() ? kString : std::string_view{};
}

bool Node::nullable() const {
  if (nullable_ || find("nullable").boolean() == true) return true;
  const auto has_null = [](json::Value list) {
    if (!list.is_array()) return false;
    for (const json::Value one : list) {
      if (one.is_null()) return true;
    }
    return false;
  };
  // Of several types null is said beside them.
  const json::Value type = type_.empty() ? find("type") : json::Value{};
  const auto is_null = [](json::Value name) { return type_named(name) == "null"; };
  bool among = is_null(type);
  if (type.is_array()) {
    for (const json::Value one : type) among |= is_null(one);
  }
  return among || find("const").is_null() || has_null(find("enum"));
}

bool Node::only_null() const {
  if (!nullable() || !types().empty() || !values().empty() || alternatives()) return false;
  return find("const").is_null() || find("enum") || find("type");
}

std::vector<json::Value> Node::values() const {
  std::vector<json::Value> found;
  if (const json::Value list = find("enum"); list.is_array()) {
    for (const json::Value one : list) {
      if (!one.is_null()) found.push_back(one);
    }
  } else if (const json::Value one = find("const"); one && !one.is_null()) {
    found.push_back(one);
  }
  return found;
}

std::vector<json::Value> Node::properties() const {
  std::vector<json::Value> found;
  std::set<std::string_view> names;
  for (const Part& part : parts_) {
    const json::Value map = part.schema["properties"];
    if (!map.is_object()) continue;
    for (const json::Value property : map) {
      if (names.insert(property.key()).second) found.push_back(property);
    }
  }
  return found;
}

std::set<std::string_view> Node::required() const {
  std::set<std::string_view> names;
  for (const Part& part : parts_) {
    const json::Value list = part.schema["required"];
    if (part.optional || !list.is_array()) continue;
    for (const json::Value one : list) names.insert(one.string_or(""));
  }
  return names;
}

std::size_t Node::weight() const {
  std::size_t members = 0;
  for (const Part& part : parts_) members += part.schema.size();
  return members;
}

}  // namespace wasat::dialect
