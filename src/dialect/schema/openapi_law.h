// What Gemini takes in parameters and responseSchema; for tests and fuzzing.

#pragma once

#include <set>
#include <string>
#include <string_view>

#include "json/reader.h"

namespace wasat::dialect {

// Empty: `schema` keeps to OpenAPI's subset. Else what is wrong, and where.
inline std::string openapi_problem(json::Value schema, const std::string& path = "$") {
  static const std::set<std::string_view> kKeywords = {
      "type",      "format",    "title",           "description", "nullable", "enum",
      "items",     "maxItems",  "minItems",        "properties",  "required", "minProperties",
      "maxLength", "minLength", "maxProperties",   "pattern",     "anyOf",    "default",
      "minimum",   "maximum",   "propertyOrdering"};
  static const std::set<std::string_view> kTypes = {"object", "array",   "string",
                                                    "number", "integer", "boolean"};
  if (!schema.is_object()) return path + " is no object";
  std::set<std::string_view> seen;
  for (const json::Value member : schema) {
    if (!kKeywords.contains(member.key())) return path + " has " + std::string(member.key());
    if (!seen.insert(member.key()).second) {
      return path + " has " + std::string(member.key()) + " twice";
    }
  }
  const json::Value type = schema["type"];
  if (type && !kTypes.contains(type.string_or(""))) return path + ".type is none";
  if (const json::Value list = schema["anyOf"]) {
    for (const json::Value member : schema) {
      const std::string_view key = member.key();
      if (key != "anyOf" && key != "description" && key != "nullable") {
        return path + " has " + std::string(key) + " beside anyOf";
      }
    }
    if (list.size() < 2) return path + ".anyOf is no choice";
    for (const json::Value one : list) {
      if (std::string problem = openapi_problem(one, path + ".anyOf"); !problem.empty()) {
        return problem;
      }
    }
  }
  for (const json::Value value : schema["enum"]) {
    if (!value.is_string()) return path + ".enum holds no strings";
  }
  if (schema["enum"] && type.string_or("") != "string") return path + ".enum of no string";
  const json::Value properties = schema["properties"];
  std::set<std::string_view> names;
  for (const json::Value property : properties) {
    if (!names.insert(property.key()).second) return path + ".properties has a name twice";
    std::string problem = openapi_problem(property, path + "." + std::string(property.key()));
    if (!problem.empty()) return problem;
  }
  for (const std::string_view list : {"required", "propertyOrdering"}) {
    for (const json::Value name : schema[list]) {
      if (!names.contains(name.string_or(""))) return path + "." + std::string(list);
    }
  }
  if (type.string_or("") == "array" && !schema["items"]) return path + " has no items";
  return schema["items"] ? openapi_problem(schema["items"], path + "[]") : std::string();
}

}  // namespace wasat::dialect
