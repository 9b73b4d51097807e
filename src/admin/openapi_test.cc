#include "admin/openapi.h"

#include <gtest/gtest.h>

#include <set>

#include "admin/routes.h"
#include "base/body.h"
#include "json/reader.h"

namespace wasat::admin {
namespace {

std::string lowered(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

class OpenApiDocument : public testing::Test {
 protected:
  void SetUp() override {
    const Result<json::Value> parsed = document_.parse(bytes_->padded());
    ASSERT_TRUE(parsed) << parsed.error().detail;
    root_ = *parsed;
  }

  const std::shared_ptr<Buffer> bytes_ = Buffer::copy_of(openapi_document());
  json::Document document_;
  json::Value root_;
};

TEST_F(OpenApiDocument, HasEveryRouteAndNoOther) {
  std::set<std::string> in_document;
  for (const json::Value path : root_["paths"]) {
    for (const json::Value operation : path) {
      in_document.insert(std::string(operation.key()) + " " + std::string(path.key()));
    }
  }
  std::set<std::string> in_table;
  for (const std::span<const Route> resource : routes()) {
    for (const Route& route : resource) {
      EXPECT_TRUE(in_table.insert(lowered(route.method) + " " + std::string(route.path)).second)
          << route.path << " stands twice in the table";
      EXPECT_NE(route.handle == nullptr, route.stream == nullptr) << route.path;
      // What changes something is noted in the audit log.
      EXPECT_EQ(route.method == "GET", route.action.empty()) << route.path;
    }
  }
  EXPECT_EQ(in_table, in_document);
}

TEST_F(OpenApiDocument, EveryParameterOfAPathIsDescribed) {
  for (const json::Value path : root_["paths"]) {
    for (const json::Value operation : path) {
      std::set<std::string> described;
      for (const json::Value parameter : operation["parameters"]) {
        if (parameter["in"].string_or("") != "path") continue;
        described.insert("{" + std::string(parameter["name"].string_or("")) + "}");
      }
      std::set<std::string> wanted;
      const std::string_view text = path.key();
      for (std::size_t at = text.find('{'); at != std::string_view::npos;
           at = text.find('{', at + 1)) {
        wanted.insert(std::string(text.substr(at, text.find('}', at) - at + 1)));
      }
      EXPECT_EQ(described, wanted) << operation.key() << " " << text;
    }
  }
}

TEST_F(OpenApiDocument, EveryReferenceLeadsSomewhere) {
  constexpr std::string_view kReference = "\"$ref\": \"#/components/";
  const std::string& text = openapi_document();
  for (std::size_t at = text.find(kReference); at != std::string::npos;
       at = text.find(kReference, at + 1)) {
    const std::size_t from = at + kReference.size();
    const std::string place = text.substr(from, text.find('"', from) - from);
    const std::size_t slash = place.find('/');
    EXPECT_TRUE(root_["components"][place.substr(0, slash)][place.substr(slash + 1)]) << place;
  }
}

TEST_F(OpenApiDocument, OperationIdsAreUnique) {
  std::set<std::string> ids;
  for (const json::Value path : root_["paths"]) {
    for (const json::Value operation : path) {
      EXPECT_TRUE(ids.insert(std::string(operation["operationId"].string_or(""))).second)
          << path.key();
      EXPECT_TRUE(operation["responses"].size() > 0) << path.key();
    }
  }
}

}  // namespace
}  // namespace wasat::admin
