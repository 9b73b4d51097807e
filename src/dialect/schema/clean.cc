#include "dialect/schema.h"

#include <string>
#include <vector>

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

bool must_change(std::string_view keyword, json::Value value) {
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

// The members of a schema and of everything that allOf adds to it. Of several
// with the same keyword the outer one counts, but properties are united.
struct Merged {
  // Far above what schemas have; bounds the search for keywords that are there twice.
  static constexpr std::size_t kMaxKeywords = 256;
  std::vector<json::Value> members;
  std::vector<json::Value> property_maps;
  std::vector<json::Value> required;

  void add(json::Value schema) {
    for (const json::Value member : schema) {
      const std::string_view keyword = member.key();
      if (keyword == "allOf" && member.is_array()) continue;
      if (keyword == "properties" && member.is_object()) {
        property_maps.push_back(member);
      } else if (keyword == "required" && member.is_array()) {
        required.push_back(member);
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
};

void write_clean(json::Writer& writer, json::Value schema);

void write_schemas(json::Writer& writer, json::Value map) {
  for (const json::Value one : map) {
    writer.key_escaped(one.key());
    write_clean(writer, one);
  }
}

// minimum for exclusiveMinimum: exact for integers, the same number otherwise.
void write_bound(json::Writer& writer, const Merged& schema, json::Value exclusive, int step) {
  const bool lower = step > 0;
  if (schema.has(lower ? "minimum" : "maximum")) return;
  writer.key(lower ? "minimum" : "maximum");
  if (const auto bound = exclusive.integer(); bound &&
                                              schema.find("type").string_or("") == "integer" &&
                                              *bound > INT64_MIN && *bound < INT64_MAX) {
    writer.number(*bound + step);
  } else {
    writer.raw(exclusive.raw());
  }
}

void write_type(json::Writer& writer, const Merged& schema, json::Value type) {
  writer.key("type");
  if (type.is_string() && schema.find("nullable").boolean() == true) {
    writer.begin_array().raw(type.raw()).string("null").end_array();
  } else {
    writer.raw(type.raw());
  }
}

void write_keyword(json::Writer& writer, const Merged& schema, json::Value member) {
  const std::string_view keyword = member.key();
  if (keyword == "$schema" || keyword == "strict" || keyword == "nullable") return;
  if (keyword == "const") {
    if (!schema.has("enum")) writer.key("enum").begin_array().raw(member.raw()).end_array();
    return;
  }
  if (keyword == "exclusiveMinimum" || keyword == "exclusiveMaximum") {
    // A boolean is the form of older drafts; the bound itself stays.
    if (member.is_number())
      write_bound(writer, schema, member, keyword.ends_with("Minimum") ? 1 : -1);
    return;
  }
  if (keyword == "type") return write_type(writer, schema, member);
  if (keyword == "$ref" && member.string_or("").starts_with("#/definitions/")) {
    std::string target = "#/$defs/";
    target += member.string_or("").substr(std::string_view("#/definitions/").size());
    writer.member("$ref", target);
    return;
  }
  writer.key_escaped(keyword == "definitions" ? "$defs" : keyword);
  switch (holds(keyword)) {
    case Holds::kValue:
      writer.raw(member.raw());
      break;
    case Holds::kSchema:
      write_clean(writer, member);
      break;
    case Holds::kSchemas:
      if (!member.is_object()) {
        writer.raw(member.raw());
        break;
      }
      writer.begin_object();
      write_schemas(writer, member);
      writer.end_object();
  }
}

void write_clean(json::Writer& writer, json::Value schema) {
  if (schema.is_array()) {
    writer.begin_array();
    for (const json::Value one : schema) write_clean(writer, one);
    writer.end_array();
    return;
  }
  if (!schema.is_object()) {
    writer.raw(schema.raw());
    return;
  }
  Merged merged;
  merged.add(schema);
  const bool reference = merged.has("$ref");
  writer.begin_object();
  for (const json::Value member : merged.members) {
    if (reference && !member.key().starts_with('$') && member.key() != "definitions") continue;
    write_keyword(writer, merged, member);
  }
  if (!reference && !merged.property_maps.empty()) {
    writer.key("properties").begin_object();
    for (const json::Value map : merged.property_maps) write_schemas(writer, map);
    writer.end_object();
  }
  if (!reference && !merged.required.empty()) {
    writer.key("required").begin_array();
    for (const json::Value list : merged.required) {
      for (const json::Value name : list) writer.raw(name.raw());
    }
    writer.end_array();
  }
  writer.end_object();
}

}  // namespace

void write_schema(json::Writer& writer, json::Value schema) {
  if (!schema.is_object()) {
    writer.begin_object().end_object();
  } else if (is_clean(schema)) {
    writer.raw(schema.raw());
  } else {
    write_clean(writer, schema);
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
