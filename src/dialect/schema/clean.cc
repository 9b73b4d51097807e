#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "dialect/schema/references.h"
#include "dialect/schema/schema.h"

namespace wasat::dialect {
namespace {

// How the value of a keyword is to be read.
enum class Holds {
  kValue,    // data, or nothing that we care about: copied
  kSchema,   // a schema, or a list of them
  kSchemas,  // a map from names to schemas
};

Holds holds(std::string_view keyword) {
  for (const std::string_view map :
       {"properties", "$defs", "definitions", "patternProperties", "dependentSchemas"}) {
    if (keyword == map) return Holds::kSchemas;
  }
  for (const std::string_view schema :
       {"items", "prefixItems", "anyOf", "oneOf", "allOf", "additionalProperties", "not"}) {
    if (keyword == schema) return Holds::kSchema;
  }
  return Holds::kValue;
}

// Gemini knows strings and numbers in enum.
bool can_be_listed(json::Value value) { return value.is_string() || value.is_number(); }

bool must_change(std::string_view keyword, json::Value value) {
  if (keyword == "enum" && value.is_array()) {
    for (const json::Value one : value) {
      if (!can_be_listed(one)) return true;
    }
    return false;
  }
  if (keyword == "$ref") return value.string_or("").starts_with("#/definitions/");
  for (const std::string_view changed : {"$schema", "const", "allOf", "exclusiveMinimum",
                                         "exclusiveMaximum", "definitions", "nullable", "strict"}) {
    if (keyword == changed) return true;
  }
  return false;
}

bool is_clean(json::Value schema) {
  if (schema.is_array()) {
    for (const json::Value one : schema) {
      if (!is_clean(one)) return false;
    }
    return true;
  }
  const bool reference = static_cast<bool>(schema["$ref"]);
  for (const json::Value member : schema) {
    if (!schema.is_object()) break;
    const std::string_view keyword = member.key();
    if (must_change(keyword, member)) return false;
    // Beside a $ref Gemini takes nothing but other $-keywords.
    if (reference && !keyword.starts_with('$')) return false;
    switch (holds(keyword)) {
      case Holds::kValue:
        break;
      case Holds::kSchema:
        if (!is_clean(member)) return false;
        break;
      case Holds::kSchemas:
        for (const json::Value one : member) {
          if (member.is_object() && !is_clean(one)) return false;
        }
    }
  }
  return true;
}

// Words about a schema that say nothing of its values.
bool is_annotation(std::string_view keyword) {
  for (const std::string_view word : {"title", "description", "default", "examples", "deprecated",
                                      "readOnly", "writeOnly", "strict", "definitions"}) {
    if (keyword == word) return true;
  }
  return keyword.starts_with('$');
}

// The members of a schema and of everything that allOf adds to it. Of several
// with the same keyword the outer one counts, but properties are united.
struct Merged {
  // Far above what schemas have; bounds the search for keywords that are there twice.
  static constexpr std::size_t kMaxKeywords = 256;
  std::vector<json::Value> members;
  std::vector<json::Value> property_maps;
  std::vector<json::Value> required;
  std::vector<json::Value> references;

  void add(json::Value schema) {
    for (const json::Value member : schema) {
      const std::string_view keyword = member.key();
      if (keyword == "allOf" && member.is_array()) continue;
      if (keyword == "properties" && member.is_object()) {
        property_maps.push_back(member);
      } else if (keyword == "required" && member.is_array()) {
        required.push_back(member);
      } else if (keyword == "$ref" && member.is_string()) {
        references.push_back(member);
      } else if (members.size() < kMaxKeywords && !has(keyword)) {
        members.push_back(member);
      }
    }
    if (const json::Value all = schema["allOf"]; all.is_array()) {
      for (const json::Value one : all) {
        if (one.is_object()) add(one);
      }
    }
  }
  bool has(std::string_view keyword) const { return static_cast<bool>(find(keyword)); }
  json::Value find(std::string_view keyword) const {
    for (const json::Value member : members) {
      if (member.key() == keyword) return member;
    }
    return {};
  }
  // One reference, and nothing else that could be refused.
  bool is_reference() const {
    return references.size() == 1 && property_maps.empty() && required.empty() &&
           std::ranges::all_of(members,
                               [](json::Value member) { return is_annotation(member.key()); });
  }
};

class CleanWriter {
 public:
  CleanWriter(json::Writer& writer, json::Value root) : writer_(writer), root_(root) {}

  void write(json::Value schema);

 private:
  void write_schemas(json::Value map);
  void write_object(json::Value schema);
  std::size_t inline_references(Merged& merged);
  void write_members(const Merged& merged, bool reference);
  void write_keyword(const Merged& schema, json::Value member);
  void write_bound(const Merged& schema, json::Value exclusive, int step);
  void write_type(const Merged& schema, json::Value type);
  void write_values(json::Value list);
  void write_constant(const Merged& schema, json::Value value);
  void write_reference(json::Value reference);

  json::Writer& writer_;
  const json::Value root_;
  // Bytes of schemas that may be written in the place of references.
  static constexpr std::size_t kMaxInlined = 256 * 1024;
  std::size_t left_ = kMaxInlined;
  std::vector<std::string_view> entered_;  // references on the way to here
};

void CleanWriter::write_schemas(json::Value map) {
  for (const json::Value one : map) {
    writer_.key_escaped(one.key());
    write(one);
  }
}

// minimum for exclusiveMinimum: exact for integers, the same number otherwise.
void CleanWriter::write_bound(const Merged& schema, json::Value exclusive, int step) {
  const bool lower = step > 0;
  if (schema.has(lower ? "minimum" : "maximum")) return;
  writer_.key(lower ? "minimum" : "maximum");
  if (const auto bound = exclusive.integer(); bound &&
                                              schema.find("type").string_or("") == "integer" &&
                                              *bound > INT64_MIN && *bound < INT64_MAX) {
    writer_.number(*bound + step);
  } else {
    writer_.raw(exclusive.raw());
  }
}

void CleanWriter::write_type(const Merged& schema, json::Value type) {
  writer_.key("type");
  if (type.is_string() && schema.find("nullable").boolean() == true) {
    writer_.begin_array().raw(type.raw()).string("null").end_array();
  } else {
    writer_.raw(type.raw());
  }
}

void CleanWriter::write_keyword(const Merged& schema, json::Value member) {
  const std::string_view keyword = member.key();
  if (keyword == "$schema" || keyword == "strict" || keyword == "nullable") return;
  if (keyword == "const") return write_constant(schema, member);
  if (keyword == "enum" && member.is_array()) return write_values(member);
  if (keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum") {
    // A boolean is the form of older drafts; the bound itself stays.
    if (member.is_number()) write_bound(schema, member, keyword.ends_with("Minimum") ? 1 : -1);
    return;
  }
  if (keyword == "type") return write_type(schema, member);
  writer_.key_escaped(keyword == "definitions" ? "$defs" : keyword);
  switch (holds(keyword)) {
    case Holds::kValue:
      writer_.raw(member.raw());
      break;
    case Holds::kSchema:
      write(member);
      break;
    case Holds::kSchemas:
      if (!member.is_object()) {
        writer_.raw(member.raw());
        break;
      }
      writer_.begin_object();
      write_schemas(member);
      writer_.end_object();
  }
}

// Nulls are the type's business; lists with truth values or more are left out.
void CleanWriter::write_values(json::Value list) {
  const auto fits = [](json::Value one) { return one.is_null() || can_be_listed(one); };
  if (!std::all_of(list.begin(), list.end(), fits)) return;
  if (std::none_of(list.begin(), list.end(), can_be_listed)) return;
  writer_.key("enum").begin_array();
  for (const json::Value one : list) {
    if (!one.is_null()) writer_.raw(one.raw());
  }
  writer_.end_array();
}

void CleanWriter::write_constant(const Merged& schema, json::Value value) {
  if (schema.has("enum")) return;
  if (can_be_listed(value)) {
    writer_.key("enum").begin_array().raw(value.raw()).end_array();
  } else if (!schema.has("type")) {
    if (value.is_null()) writer_.member("type", "null");
    if (value.is_bool()) writer_.member("type", "boolean");
  }
}

void CleanWriter::write_reference(json::Value reference) {
  constexpr std::string_view kOld = "#/definitions/";
  const std::string_view target = reference.string_or("");
  if (target.starts_with(kOld)) {
    writer_.member("$ref", "#/$defs/" + std::string(target.substr(kOld.size())));
  } else {
    writer_.key("$ref").raw(reference.raw());
  }
}

// Beside a reference Gemini takes nothing: what it points to is written in its place.
// Says how many were entered.
std::size_t CleanWriter::inline_references(Merged& merged) {
  std::size_t entered = 0;
  for (std::size_t i = 0; i < merged.references.size(); ++i) {
    const std::string_view target = merged.references[i].string_or("");
    if (std::ranges::find(entered_, target) != entered_.end()) continue;
    const json::Value schema = resolve_reference(root_, target);
    const std::size_t size = schema.raw().size() + 1;
    if (!schema.is_object() || size > left_) continue;
    left_ -= size;
    entered_.push_back(target);
    ++entered;
    merged.add(schema);
  }
  return entered;
}

void CleanWriter::write_members(const Merged& merged, bool reference) {
  if (reference) write_reference(merged.references.front());
  for (const json::Value member : merged.members) {
    if (reference && !member.key().starts_with('$') && member.key() != "definitions") continue;
    write_keyword(merged, member);
  }
  if (reference) return;
  if (!merged.property_maps.empty()) {
    writer_.key("properties").begin_object();
    std::set<std::string_view> names;  // the outermost counts
    for (const json::Value map : merged.property_maps) {
      for (const json::Value one : map) {
        if (!names.insert(one.key()).second) continue;
        writer_.key_escaped(one.key());
        write(one);
      }
    }
    writer_.end_object();
  }
  if (!merged.required.empty()) {
    writer_.key("required").begin_array();
    for (const json::Value list : merged.required) {
      for (const json::Value name : list) writer_.raw(name.raw());
    }
    writer_.end_array();
  }
}

void CleanWriter::write_object(json::Value schema) {
  Merged merged;
  merged.add(schema);
  const bool reference = merged.is_reference();
  const std::size_t entered = reference ? 0 : inline_references(merged);
  writer_.begin_object();
  write_members(merged, reference);
  writer_.end_object();
  entered_.resize(entered_.size() - entered);
}

void CleanWriter::write(json::Value schema) {
  if (schema.is_array()) {
    writer_.begin_array();
    for (const json::Value one : schema) write(one);
    writer_.end_array();
  } else if (schema.is_object()) {
    write_object(schema);
  } else {
    writer_.raw(schema.raw());
  }
}

}  // namespace

void write_schema(json::Writer& writer, json::Value schema) {
  if (!schema.is_object()) {
    writer.begin_object().end_object();
  } else if (is_clean(schema)) {
    writer.raw(schema.raw());
  } else {
    CleanWriter(writer, schema).write(schema);
  }
}

bool describes_nothing(json::Value schema) {
  if (schema.size() == 0) return true;
  for (const json::Value member : schema) {
    const std::string_view keyword = member.key();
    const bool empty = (keyword == "type" && member.string_or("") == "object") ||
                       ((keyword == "properties" || keyword == "required") && member.size() == 0) ||
                       keyword == "additionalProperties" || keyword == "$schema" ||
                       keyword == "title" || keyword == "strict";
    if (!empty) return false;
  }
  return true;
}

}  // namespace wasat::dialect
