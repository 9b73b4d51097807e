// Lowering to OpenAPI's subset (ai.google.dev/api/caching#Schema). Of alternatives
// each gets everything that stands beside them, since Gemini refuses anyOf with
// anything but a description beside it.

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/schema/node.h"
#include "dialect/schema/schema.h"

namespace wasat::dialect {
namespace {

// References that are used often are written out as often: this bounds the whole.
constexpr int kMaxNodes = 2000;
constexpr int kMaxDepth = 16;
constexpr std::size_t kMaxAlternatives = 128;
constexpr std::size_t kWeight = 32;    // keywords that count as one node more
constexpr std::size_t kMaxLost = 200;  // bytes of a value that goes into the description

bool is_one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::ranges::find(names, name) != names.end();
}

class OpenApiWriter {
 public:
  explicit OpenApiWriter(json::Writer& writer) : writer_(writer) {}

  void write(const Node& node, int depth = 0);

 private:
  bool write_alternatives(const Node& node, int depth);
  void write_typed(const Node& node, std::string_view type, int depth);
  void write_stub(const Node& node);
  void write_words(const Node& node, std::string_view type);
  std::string lost(const Node& node, std::string_view type) const;
  void write_object(const Node& node, int depth);
  void write_names(const std::vector<json::Value>& properties,
                   const std::set<std::string_view>& required);
  void write_array(const Node& node, int depth);
  void write_items(const Node& node, int depth);
  void write_string(const Node& node);
  void write_number(const Node& node, std::string_view type);
  void write_bound(const Node& node, std::string_view type, bool lower);
  void write_count(const Node& node, std::string_view keyword);

  json::Writer& writer_;
  int left_ = kMaxNodes;
};

void OpenApiWriter::write(const Node& node, int depth) {
  writer_.begin_object();
  left_ -= 1 + static_cast<int>(node.weight() / kWeight);
  if (left_ < 0 || depth >= kMaxDepth) {
    write_stub(node);
  } else if (!write_alternatives(node, depth)) {
    write_typed(node, node.type(), depth);
  }
  writer_.end_object();
}

// Too large: its type is said, and no more.
void OpenApiWriter::write_stub(const Node& node) {
  const std::vector<std::string_view> types = node.types();
  const bool plain = types.size() == 1 && types.front() != kArray;
  writer_.member("type", plain ? types.front() : kObject);
}

bool OpenApiWriter::write_alternatives(const Node& node, int depth) {
  std::vector<Node> several;
  bool nullable = node.nullable();
  if (const json::Value list = node.alternatives()) {
    std::vector<json::Value> left;
    for (const json::Value one : list) {
      if (one.boolean() == false || left.size() == kMaxAlternatives) continue;
      if (node.child(one).only_null()) {
        nullable = true;
      } else {
        left.push_back(one);
      }
    }
    if (left.size() <= 1) {
      Node only = node.narrowed_to(left.empty() ? json::Value{} : left.front());
      if (nullable) only.set_nullable();
      // Its own alternatives, if it has some, or itself, within the same braces.
      if (!write_alternatives(only, depth)) write_typed(only, only.type(), depth);
      return true;
    }
    for (const json::Value one : left) several.push_back(node.with(one));
  } else {
    const std::vector<std::string_view> types = node.types();
    if (types.size() < 2) return false;
    for (const std::string_view type : types) several.push_back(node.with({}).of_type(type));
  }
  if (const json::Value text = node.find_words("description"); text.is_string()) {
    writer_.key("description").escaped_string(text.escaped());
  }
  if (nullable) writer_.member("nullable", true);
  writer_.key("anyOf").begin_array();
  for (const Node& alternative : several) write(alternative, depth + 1);
  writer_.end_array();
  return true;
}

void OpenApiWriter::write_typed(const Node& node, std::string_view type, int depth) {
  if (!type.empty()) writer_.member("type", type);
  write_words(node, type);
  if (node.nullable()) writer_.member("nullable", true);
  if (type == kObject) write_object(node, depth);
  if (type == kArray) write_array(node, depth);
  if (type == kString) write_string(node);
  if (type == kNumber || type == kInteger) write_number(node, type);
}

void OpenApiWriter::write_words(const Node& node, std::string_view type) {
  if (const json::Value title = node.find_words("title"); title.is_string()) {
    writer_.key("title").escaped_string(title.escaped());
  }
  const std::string_view text = node.find_words("description").escaped();
  const std::string more = lost(node, type);
  if (!more.empty()) {
    writer_.key("description").escaped_string({text, text.empty() ? "" : "\\n", more});
  } else if (!text.empty()) {
    writer_.key("description").escaped_string(text);
  }
  if (const json::Value value = node.find_words("default"); value && !value.is_null()) {
    writer_.key("default").raw(value.raw());
  }
}

// What OpenAPI's subset has no keyword for, in words, escaped.
std::string OpenApiWriter::lost(const Node& node, std::string_view type) const {
  std::string words;
  const auto say = [&words](std::string_view name, std::string_view value) {
    if (value.size() > kMaxLost) return;
    if (!words.empty()) words += "; ";
    words.append(name).append(": ");
    json::append_escaped(words, value);
  };
  if (const std::vector<json::Value> values = node.values(); type != kString) {
    std::string list;
    for (const json::Value value : values) {
      if (list.size() > kMaxLost) break;
      list += list.empty() ? "" : ", ";
      list += value.raw();
    }
    if (!list.empty()) say("one of", list);
  }
  for (const std::string_view keyword :
       {"multipleOf", "uniqueItems", "contains", "minContains", "maxContains", "patternProperties",
        "propertyNames", "dependentRequired", "not", "if", "then", "else"}) {
    if (const json::Value value = node.find(keyword)) say(keyword, value.raw());
  }
  if (const json::Value more = node.find("additionalProperties"); more.is_object()) {
    say("additionalProperties", more.raw());
  }
  if (type == kNumber) {
    for (const std::string_view keyword : {"exclusiveMinimum", "exclusiveMaximum"}) {
      if (const json::Value bound = node.find(keyword); bound.is_number()) {
        say(keyword, bound.raw());
      }
    }
  }
  if (const std::string_view format = node.find("format").string_or("");
      type == kString && !format.empty() && !is_one_of(format, {"enum", "date-time"})) {
    say("format", format);
  }
  return words;
}

void OpenApiWriter::write_object(const Node& node, int depth) {
  const std::vector<json::Value> properties = node.properties();
  if (!properties.empty()) {
    writer_.key("properties").begin_object();
    for (const json::Value property : properties) {
      writer_.key_escaped(property.key());
      write(node.child(property), depth + 1);
    }
    writer_.end_object();
    write_names(properties, node.required());
  }
  write_count(node, "minProperties");
  write_count(node, "maxProperties");
}

// The model writes them by name unless their order is said.
void OpenApiWriter::write_names(const std::vector<json::Value>& properties,
                                const std::set<std::string_view>& required) {
  const auto is_required = [&](json::Value one) { return required.contains(one.key()); };
  if (std::ranges::any_of(properties, is_required)) {
    writer_.key("required").begin_array();
    for (const json::Value property : properties) {
      if (is_required(property)) writer_.string(property.key());
    }
    writer_.end_array();
  }
  if (properties.size() > 1) {
    writer_.key("propertyOrdering").begin_array();
    for (const json::Value property : properties) writer_.string(property.key());
    writer_.end_array();
  }
}

void OpenApiWriter::write_array(const Node& node, int depth) {
  writer_.key("items");
  write_items(node, depth);
  write_count(node, "minItems");
  write_count(node, "maxItems");
}

// Elements of a tuple may each be any of its kinds.
void OpenApiWriter::write_items(const Node& node, int depth) {
  json::Value tuple = node.find("prefixItems");
  const json::Value items = node.find("items");
  if (!tuple.is_array() || tuple.size() == 0) tuple = items.is_array() ? items : json::Value{};
  if (tuple.size() > 1) {
    writer_.begin_object().key("anyOf").begin_array();
    for (const json::Value one : tuple) write(node.child(one), depth + 1);
    writer_.end_array().end_object();
  } else if (tuple.size() == 1) {
    write(node.child(*tuple.begin()), depth + 1);
  } else if (items.is_object() && items.size() != 0) {
    write(node.child(items), depth + 1);
  } else {
    writer_.begin_object().member("type", kString).end_object();
  }
}

void OpenApiWriter::write_string(const Node& node) {
  const std::vector<json::Value> values = node.values();
  const bool texts = std::ranges::all_of(values, [](json::Value v) { return v.is_string(); });
  if (!values.empty() && texts) {
    writer_.key("enum").begin_array();
    for (const json::Value value : values) writer_.raw(value.raw());
    writer_.end_array();
  }
  const std::string_view format = node.find("format").string_or("");
  if (is_one_of(format, {"enum", "date-time"})) writer_.member("format", format);
  write_count(node, "minLength");
  write_count(node, "maxLength");
  if (const json::Value pattern = node.find("pattern"); pattern.is_string()) {
    writer_.key("pattern").escaped_string(pattern.escaped());
  }
}

void OpenApiWriter::write_number(const Node& node, std::string_view type) {
  const std::string_view format = node.find("format").string_or("");
  const bool known = type == kInteger ? is_one_of(format, {"int32", "int64"})
                                      : is_one_of(format, {"float", "double"});
  if (known) writer_.member("format", format);
  write_bound(node, type, true);
  write_bound(node, type, false);
}

// Exclusive bounds are exact for integers, and the same number otherwise.
void OpenApiWriter::write_bound(const Node& node, std::string_view type, bool lower) {
  const std::string_view name = lower ? "minimum" : "maximum";
  const json::Value exclusive = node.find(lower ? "exclusiveMinimum" : "exclusiveMaximum");
  if (const json::Value bound = node.find(name); bound.is_number()) {
    writer_.key(name).raw(bound.raw());
  } else if (const auto whole = exclusive.integer();
             whole && type == kInteger && *whole > INT64_MIN && *whole < INT64_MAX) {
    writer_.member(name, *whole + (lower ? 1 : -1));
  } else if (exclusive.is_number()) {
    writer_.key(name).raw(exclusive.raw());
  }
}

void OpenApiWriter::write_count(const Node& node, std::string_view keyword) {
  if (const auto count = node.find(keyword).integer(); count && *count >= 0) {
    writer_.member(keyword, *count);
  }
}

}  // namespace

void write_openapi_schema(json::Writer& writer, json::Value schema) {
  OpenApiWriter(writer).write(Node(schema, schema));
}

void write_openapi_parameters(json::Writer& writer, json::Value schema) {
  OpenApiWriter(writer).write(Node(schema, schema).united());
}

}  // namespace wasat::dialect
