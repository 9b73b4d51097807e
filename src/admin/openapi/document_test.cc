#include "admin/openapi/document.h"

#include <gtest/gtest.h>

#include <set>

#include "admin/openapi/route_docs.h"
#include "admin/routes.h"
#include "base/body.h"
#include "json/reader.h"

namespace wasat::admin::openapi {
namespace {

std::string named(std::string_view method, std::string_view path) {
  return std::string(method) + " " + std::string(path);
}

TEST(OpenApi, HasEveryRouteAndNoOther) {
  std::set<std::string> routed;
  for (const std::span<const Route> resource : wasat::admin::routes()) {
    for (const Route& route : resource) routed.insert(named(route.method, route.path));
  }
  std::set<std::string> told;
  for (const RouteDoc& doc : route_docs()) {
    EXPECT_TRUE(told.insert(named(doc.method, doc.path)).second) << doc.path << " is told twice";
  }
  for (const std::string& each : routed) EXPECT_TRUE(told.contains(each)) << each << " is not told";
  for (const std::string& each : told) EXPECT_TRUE(routed.contains(each)) << each << " is no route";
}

// Every "$ref" of a tree.
void collect(json::Value value, std::set<std::string>& refs) {
  if (value.key() == "$ref") refs.insert(std::string(value.string_or("")));
  for (const json::Value child : value) collect(child, refs);
}

TEST(OpenApi, IsJsonWhoseReferencesLeadSomewhere) {
  const std::string text = document();
  const auto buffer = Buffer::copy_of(text);
  json::Document parsed;
  const Result<json::Value> root = parsed.parse(buffer->padded());
  ASSERT_TRUE(root) << root.error().detail;
  EXPECT_EQ((*root)["openapi"].string_or(""), "3.1.0");
  const json::Value schemas = (*root)["components"]["schemas"];
  std::set<std::string> refs;
  collect(*root, refs);
  std::set<std::string> known;
  for (const json::Value schema : schemas) {
    known.insert("#/components/schemas/" + std::string(schema.key()));
  }
  for (const std::string& ref : refs) EXPECT_TRUE(known.contains(ref)) << ref << " is nowhere";
  for (const std::string& each : known) EXPECT_TRUE(refs.contains(each)) << each << " is unused";
}

TEST(OpenApi, KnowsEveryParameter) {
  std::set<std::string_view> known;
  for (const ParameterDoc& doc : parameter_docs()) known.insert(doc.name);
  for (const RouteDoc& doc : route_docs()) {
    std::string_view rest = doc.query;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(' '), rest.size());
      const std::string_view name = rest.substr(0, end);
      if (!name.empty()) EXPECT_TRUE(known.contains(name)) << doc.path << ": " << name;
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

}  // namespace
}  // namespace wasat::admin::openapi
