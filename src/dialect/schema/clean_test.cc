#include <gtest/gtest.h>

#include "dialect/schema/schema.h"

namespace wasat::dialect {
namespace {

std::string written(std::string_view schema) {
  const auto buffer = Buffer::copy_of(schema);
  json::Document document;
  std::string out;
  json::Writer writer(out);
  write_schema(writer, document.parse(buffer->padded()).value());
  return out;
}

TEST(Schema, CleanSchemasAreCopiedAsTheyAre) {
  for (const char* schema :
       {R"({ "type": "object",  "properties": {"const": {"type": "string"}} })",
        R"({"enum": ["a", 1], "default": {"const": 1}, "minLength": 3})",
        R"({"anyOf": [{"type": "string"}, {"type": "null"}]})", R"({"$ref": "#/$defs/A"})",
        R"({"type": "array", "items": true})"}) {
    EXPECT_EQ(written(schema), schema);
  }
}

// Law: what was cleaned is clean.
TEST(Schema, CleaningTwiceChangesNothing) {
  for (
      const char* schema :
      {R"({"$schema":"x","const":1})",
       R"({"allOf":[{"allOf":[{"const":"a"}]},true,{"type":"string"}]})",
       R"({"exclusiveMinimum":true,"minimum":3})", R"({"exclusiveMinimum":1.5,"type":"integer"})",
       R"({"$ref":"#/definitions/A","title":"t","definitions":{"A":{"nullable":true,"type":"string"}}})",
       R"({"properties":{"a":{"items":[{"const":1},{"not":{"const":2}}]}},"allOf":7,"required":"x"})",
       R"({"nullable":true,"type":["string"]})", R"({"allOf":[]})"}) {
    const std::string once = written(schema);
    EXPECT_EQ(written(once), once) << schema;
  }
}

TEST(Schema, OuterKeywordsOutrankThoseOfAllOf) {
  EXPECT_EQ(written(R"({"title":"outer","allOf":[{"title":"inner","type":"object"}]})"),
            R"({"title":"outer","type":"object"})");
}

TEST(Schema, WhatIsNoSchemaIsAnEmptyOne) { EXPECT_EQ(written("7"), "{}"); }

TEST(Schema, KnowsWhatDescribesNothing) {
  const auto nothing = [](std::string_view schema) {
    const auto buffer = Buffer::copy_of(schema);
    json::Document document;
    return describes_nothing(document.parse(buffer->padded()).value());
  };
  EXPECT_TRUE(nothing("{}"));
  EXPECT_TRUE(nothing(R"({"type":"object","properties":{},"required":[]})"));
  EXPECT_FALSE(nothing(R"({"type":"object","properties":{"a":{}}})"));
  EXPECT_FALSE(nothing(R"({"$ref":"#/$defs/a"})"));
  EXPECT_FALSE(nothing(R"({"type":"string"})"));
}

}  // namespace
}  // namespace wasat::dialect
