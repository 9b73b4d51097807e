#include <gtest/gtest.h>

#include <random>

#include "dialect/schema/openapi_law.h"
#include "dialect/schema/references.h"
#include "dialect/schema/schema.h"

namespace wasat::dialect {
namespace {

std::string lowered(std::string_view schema) {
  const auto buffer = Buffer::copy_of(schema);
  json::Document document;
  std::string out;
  json::Writer writer(out);
  write_openapi_schema(writer, document.parse(buffer->padded()).value());
  return out;
}

std::string parameters(std::string_view schema) {
  const auto buffer = Buffer::copy_of(schema);
  json::Document document;
  std::string out;
  json::Writer writer(out);
  write_openapi_parameters(writer, document.parse(buffer->padded()).value());
  return out;
}

std::string problem(std::string_view lowered_schema) {
  const auto buffer = Buffer::copy_of(lowered_schema);
  json::Document document;
  const auto root = document.parse(buffer->padded());
  return root ? openapi_problem(*root) : "no JSON";
}

TEST(OpenApiSchema, SaysWhatItHasWordsFor) {
  EXPECT_EQ(
      lowered(
          R"({"$schema":"x","type":"object","additionalProperties":false,"title":"T",
              "properties":{"a":{"type":"integer","exclusiveMinimum":1,"maximum":9,"format":"int32"},
                            "b":{"type":["string","null"],"minLength":2,"format":"email"}},
              "required":["a","gone"]})"),
      R"({"type":"object","title":"T","properties":{"a":{"type":"integer","format":"int32","minimum":2,"maximum":9},)"
      R"("b":{"type":"string","description":"format: email","nullable":true,"minLength":2}},)"
      R"("required":["a"],"propertyOrdering":["a","b"]})");
}

TEST(OpenApiSchema, ReferencesAreWrittenOut) {
  EXPECT_EQ(lowered(R"({"$ref":"#/$defs/A","$defs":{"A":{"type":"object","properties":{
                          "b":{"$ref":"#/$defs/B","description":"mine"}}},"B":{"type":"string"}}})"),
            R"({"type":"object","properties":{"b":{"type":"string","description":"mine"}}})");
  EXPECT_EQ(lowered(R"({"allOf":[{"$ref":"#/definitions/a~1b%20c"},{"required":["x"]}],
                        "definitions":{"a/b c":{"properties":{"x":{"type":"boolean"}}}}})"),
            R"({"type":"object","properties":{"x":{"type":"boolean"}},"required":["x"]})");
}

TEST(OpenApiSchema, RecursionEndsInAnObject) {
  EXPECT_EQ(lowered(R"({"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{
                          "next":{"$ref":"#/$defs/N"}}}}})"),
            R"({"type":"object","properties":{"next":{"type":"object"}}})");
  EXPECT_EQ(lowered(R"({"$ref":"#"})"), R"({"type":"object"})");
  EXPECT_EQ(lowered(R"({"$ref":"#/nowhere"})"), "{}");
}

TEST(OpenApiSchema, NullIsAProperty) {
  EXPECT_EQ(lowered(R"({"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"})"),
            R"({"type":"string","description":"d","nullable":true})");
  EXPECT_EQ(lowered(R"({"anyOf":[{"type":"string"},{"type":"integer"},{"const":null}]})"),
            R"({"nullable":true,"anyOf":[{"type":"string"},{"type":"integer"}]})");
  EXPECT_EQ(lowered(R"({"type":["string","integer","null"]})"),
            R"({"nullable":true,"anyOf":[{"type":"string"},{"type":"integer"}]})");
  EXPECT_EQ(lowered(R"({"enum":["a",null]})"), R"({"type":"string","nullable":true,"enum":["a"]})");
  EXPECT_EQ(lowered(R"({"type":"null"})"), R"({"type":"string","nullable":true})");
}

TEST(OpenApiSchema, AlternativesGetWhatStandsBesideThem) {
  EXPECT_EQ(lowered(R"({"type":"object","description":"d","properties":{"k":{"type":"string"}},
                        "oneOf":[{"required":["k"]},{"properties":{"m":{"type":"number"}}}]})"),
            R"({"description":"d","anyOf":[)"
            R"({"type":"object","properties":{"k":{"type":"string"}},"required":["k"]},)"
            R"({"type":"object","properties":{"m":{"type":"number"},"k":{"type":"string"}},)"
            R"("propertyOrdering":["m","k"]}]})");
}

TEST(OpenApiSchema, ValuesThatAreNoStringsGoIntoWords) {
  EXPECT_EQ(lowered(R"({"enum":[1,2]})"), R"({"type":"integer","description":"one of: 1, 2"})");
  EXPECT_EQ(lowered(R"({"const":"a"})"), R"({"type":"string","enum":["a"]})");
  EXPECT_EQ(lowered(R"({"const":true,"description":"d"})"),
            R"({"type":"boolean","description":"d\none of: true"})");
  EXPECT_EQ(
      lowered(R"({"type":"number","multipleOf":0.5,"exclusiveMinimum":1.5})"),
      R"({"type":"number","description":"multipleOf: 0.5; exclusiveMinimum: 1.5","minimum":1.5})");
}

TEST(OpenApiSchema, ArraysHaveItems) {
  EXPECT_EQ(lowered(R"({"type":"array"})"), R"({"type":"array","items":{"type":"string"}})");
  EXPECT_EQ(lowered(R"({"prefixItems":[{"type":"string"},{"type":"integer"}],"items":false})"),
            R"({"type":"array","items":{"anyOf":[{"type":"string"},{"type":"integer"}]}})");
  EXPECT_EQ(lowered(R"({"items":[{"type":"string"}],"minItems":1})"),
            R"({"type":"array","items":{"type":"string"},"minItems":1})");
}

TEST(OpenApiSchema, NamesAndDataAreNoKeywords) {
  EXPECT_EQ(lowered(R"({"properties":{"$ref":{"type":"string"},"const":{"type":"string"},
                        "anyOf":{"type":"string","default":{"$ref":"#/x","const":1}}}})"),
            R"({"type":"object","properties":{"$ref":{"type":"string"},"const":{"type":"string"},)"
            R"("anyOf":{"type":"string","default":{"$ref":"#/x","const":1}}},)"
            R"("propertyOrdering":["$ref","const","anyOf"]})");
}

TEST(OpenApiSchema, ParametersAreAnObject) {
  EXPECT_EQ(parameters(R"({"anyOf":[{"properties":{"a":{"type":"string"}},"required":["a"]},
                                    {"properties":{"b":{"type":"string"}},"required":["b"]}],
                           "properties":{"c":{"type":"string"}},"required":["c"]})"),
            R"({"type":"object","properties":{"c":{"type":"string"},"a":{"type":"string"},)"
            R"("b":{"type":"string"}},"required":["c"],"propertyOrdering":["c","a","b"]})");
  EXPECT_EQ(parameters(R"({"type":"string"})"), R"({"type":"object"})");
}

// Sixteen definitions, each of which uses the next one twice: 65536 places.
TEST(OpenApiSchema, ManyUsesOfADefinitionAreBounded) {
  std::string schema = R"({"$ref":"#/$defs/d0","$defs":{)";
  for (int i = 0; i < 16; ++i) {
    const std::string next = "{\"$ref\":\"#/$defs/d" + std::to_string(i + 1) + "\"}";
    schema +=
        "\"d" + std::to_string(i) + R"(":{"properties":{"a":)" + next + ",\"b\":" + next + "}},";
  }
  schema += R"("d16":{"type":"string"}}})";
  const std::string out = lowered(schema);
  EXPECT_LT(out.size(), 400'000u);
  EXPECT_EQ(problem(out), "");
}

// Schemas of every keyword in every place, right and wrong.
class RandomSchema {
 public:
  explicit RandomSchema(unsigned seed) : random_(seed) {}

  std::string schema(int depth) {
    if (depth <= 0 || chance(12)) {
      return pick({R"({"type":"string"})", "true", "false", "{}", R"({"$ref":"#/$defs/A"})", "7",
                   R"({"$ref":"#"})", R"({"type":"null"})", R"({"const":null})"});
    }
    std::string out = "{";
    const int members = static_cast<int>(random_() % 6);
    for (int i = 0; i < members; ++i) out += (i == 0 ? "" : ",") + member(depth - 1);
    return out + "}";
  }

 private:
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::string pick(const std::vector<std::string>& choices) {
    return choices[random_() % choices.size()];
  }
  std::string list(int depth) {
    std::string out = "[";
    const int size = static_cast<int>(random_() % 4);
    for (int i = 0; i < size; ++i) out += (i == 0 ? "" : ",") + schema(depth);
    return out + "]";
  }
  std::string map(int depth) {
    std::string out = "{";
    const int size = static_cast<int>(random_() % 4);
    for (int i = 0; i < size; ++i) {
      out += (i == 0 ? "" : ",") + pick({"\"a\"", "\"b\"", "\"const\"", "\"anyOf\"", "\"$ref\""}) +
             ":" + schema(depth);
    }
    return out + "}";
  }
  std::string member(int depth) {
    switch (random_() % 8) {
      case 0:
        return pick({"\"properties\":", "\"$defs\":", "\"definitions\":",
                     "\"patternProperties\":"}) +
               map(depth);
      case 1:
        return pick({"\"anyOf\":", "\"oneOf\":", "\"allOf\":", "\"prefixItems\":", "\"items\":"}) +
               list(depth);
      case 2:
        return pick({"\"items\":", "\"not\":", "\"additionalProperties\":", "\"if\":"}) +
               schema(depth);
      case 3:
        return "\"type\":" + pick({"\"object\"", "\"array\"", "\"STRING\"", "\"integer\"",
                                   "\"number\"", "\"boolean\"", "\"null\"", "[\"string\",\"null\"]",
                                   "[\"array\",\"integer\",\"number\"]", "[]", "7", "\"odd\""});
      case 4:
        return pick({"\"enum\":", "\"const\":", "\"default\":", "\"required\":"}) +
               pick({"[\"a\",\"b\"]", "[1,2.5]", "[null]", "[{}]", "true", "\"a\"", "null", "[]",
                     "[\"a\",null,1]"});
      case 5:
        return "\"$ref\":" + pick({"\"#/$defs/A\"", "\"#/definitions/A\"", "\"#\"", "\"x\"",
                                   "\"#/properties/a\"", "3"});
      case 6:
        return pick({"\"minimum\":", "\"exclusiveMaximum\":", "\"minItems\":", "\"maxLength\":",
                     "\"multipleOf\":", "\"minProperties\":", "\"uniqueItems\":"}) +
               pick({"1", "-3", "2.5", "true", "\"x\""});
      default:
        return pick({"\"description\":", "\"title\":", "\"format\":", "\"pattern\":",
                     "\"nullable\":", "\"$schema\":", "\"x-odd\":"}) +
               pick({"\"t\\n\"", "true", "1", "\"date-time\"", "null", "\"int32\""});
    }
  }

  std::mt19937 random_;
};

// Law: whatever goes in, what comes out is JSON of the allowed keywords.
TEST(OpenApiSchema, NothingElseComesOut) {
  for (unsigned seed = 0; seed < 3000; ++seed) {
    const std::string schema = RandomSchema(seed).schema(6);
    EXPECT_EQ(problem(lowered(schema)), "") << schema << "\n" << lowered(schema);
    EXPECT_EQ(problem(parameters(schema)), "") << schema;
    if (HasFailure()) break;
  }
}

TEST(References, PointersAnchorsAndIds) {
  const auto buffer = Buffer::copy_of(
      R"({"a":[{"b":1},{"b":2}],"$defs":{"x":{"$anchor":"here"},"y":{"$id":"urn:y"}}})");
  json::Document document;
  const json::Value root = document.parse(buffer->padded()).value();
  EXPECT_EQ(resolve_reference(root, "#").raw(), root.raw());
  EXPECT_EQ(resolve_reference(root, "#/a/1/b").raw(), "2");
  EXPECT_EQ(resolve_reference(root, "#here").key(), "x");
  EXPECT_EQ(resolve_reference(root, "urn:y").key(), "y");
  for (const char* nowhere : {"", "#/a/2", "#/a/x", "#gone", "http://x", "#/a/0/b/c"}) {
    EXPECT_FALSE(resolve_reference(root, nowhere)) << nowhere;
  }
}

}  // namespace
}  // namespace wasat::dialect
