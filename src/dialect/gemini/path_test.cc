#include "dialect/gemini/path.h"

#include <gtest/gtest.h>

namespace wasat::dialect::native {
namespace {

using gemini::Method;

Target target(std::string_view http_method, std::string_view path, std::string_view query = {}) {
  const Result<Target> parsed = parse_target(http_method, path, query, "v1beta");
  EXPECT_TRUE(parsed.has_value()) << path;
  return parsed.value_or(Target());
}

ErrorKind refusal(std::string_view http_method, std::string_view path,
                  std::string_view query = {}) {
  const Result<Target> parsed = parse_target(http_method, path, query, "v1beta");
  EXPECT_FALSE(parsed.has_value()) << path;
  return parsed ? ErrorKind::kInternal : parsed.error().kind;
}

TEST(NativePath, VerbsAndFramings) {
  const Target unary = target("POST", "/v1beta/models/gemini-2.5-pro:generateContent", "alt=sse");
  EXPECT_EQ(unary.method, Method::kGenerateContent);
  EXPECT_EQ(unary.version, "v1beta");
  EXPECT_EQ(unary.model, "gemini-2.5-pro");
  EXPECT_EQ(unary.framing, Framing::kUnary);
  const std::string_view stream = "/v1/models/x:streamGenerateContent";
  EXPECT_EQ(target("POST", stream, "alt=sse").framing, Framing::kSse);
  EXPECT_EQ(target("POST", stream, "x=1&$alt=sse").framing, Framing::kSse);
  EXPECT_EQ(target("POST", stream).framing, Framing::kArray);
  EXPECT_EQ(target("POST", stream, "alt=json").framing, Framing::kArray);
  EXPECT_EQ(target("POST", stream, "notalt=sse").framing, Framing::kArray);
  EXPECT_EQ(target("POST", "/v1/models/x:countTokens").method, Method::kCountTokens);
  EXPECT_EQ(target("POST", "/v1/models/x:embedContent").method, Method::kEmbedContent);
  EXPECT_EQ(target("POST", "/v1/models/x:batchEmbedContents").method, Method::kBatchEmbedContents);
  EXPECT_EQ(refusal("POST", stream, "alt=proto"), ErrorKind::kUnsupported);
  EXPECT_EQ(refusal("GET", stream), ErrorKind::kMethodNotAllowed);
}

TEST(NativePath, Versions) {
  EXPECT_EQ(target("POST", "/v1alpha/models/x:countTokens").version, "v1alpha");
  EXPECT_EQ(target("POST", "/v1/models/x:countTokens").version, "v1");
  EXPECT_EQ(target("POST", "/models/x:countTokens").version, "v1beta");
  EXPECT_EQ(target("GET", "/files/abc").path, "/v1beta/files/abc");
  EXPECT_EQ(target("GET", "/v1/files/abc").path, "/v1/files/abc");
  EXPECT_EQ(target("POST", "/upload/v1beta/files").path, "/upload/v1beta/files");
  EXPECT_EQ(target("GET", "/vision/x").path, "/v1beta/vision/x");
}

TEST(NativePath, NamesOfModels) {
  EXPECT_EQ(target("POST", "/v1/models/google/x:countTokens").model, "x");
  EXPECT_EQ(target("POST", "/v1/models/google%2Fx:countTokens").model, "x");
  EXPECT_EQ(target("POST", "/v1/models/models%2Fx%3AcountTokens").model, "x");
  EXPECT_EQ(target("POST", "/v1/tunedModels/mine:generateContent").model, "tunedModels/mine");
  EXPECT_EQ(target("GET", "/v1/models/x").method, Method::kGetModel);
  EXPECT_EQ(target("GET", "/v1/models/models/x").model, "x");
  EXPECT_EQ(target("HEAD", "/v1/models/x").method, Method::kGetModel);
  EXPECT_EQ(target("GET", "/v1/models").method, Method::kListModels);
  EXPECT_EQ(target("GET", "/v1/models/").method, Method::kListModels);
  EXPECT_EQ(target("GET", "/v1/models", "pageSize=3&key=secret&pageToken=t").query,
            "pageSize=3&pageToken=t");
}

TEST(NativePath, TheRestIsRaw) {
  for (const auto& [method, path] : {std::pair{"GET", "/v1beta/files"},
                                     {"DELETE", "/v1beta/models/x"},
                                     {"POST", "/v1beta/models"},
                                     {"POST", "/v1beta/models/x:predictLongRunning"},
                                     {"GET", "/v1beta/models/x/operations/y"},
                                     {"GET", "/v1beta/tunedModels/x"},
                                     {"PATCH", "/v1beta/cachedContents/c"},
                                     {"GET", "/v1beta/models/x:something"}}) {
    const Target raw = target(method, path, "alt=media&key=k");
    EXPECT_EQ(raw.method, Method::kRaw) << path;
    EXPECT_EQ(raw.path, path);
    EXPECT_EQ(raw.query, "alt=media");
  }
  EXPECT_EQ(refusal("GET", "/v1beta"), ErrorKind::kNotFound);
  EXPECT_EQ(refusal("GET", "/"), ErrorKind::kNotFound);
}

TEST(NativePath, PathsThatCouldMeanSomethingElseUpstreamAreRefused) {
  for (const char* path :
       {"", "v1beta/files", "/v1beta/files/../models", "/v1beta/%2e%2E/x", "/v1beta/.%2e/x",
        "/v1beta/x%2f..%2fy", "/v1beta/a b", "/v1beta/a\\b", "/v1beta/%00", "/v1beta/x\r\ny",
        "/v1beta/x?y", "/v1beta/x#y", "/v1beta/\x80", "/v1beta/..", "/v1beta/%5c..%5c"}) {
    EXPECT_EQ(refusal("GET", path), ErrorKind::kInvalidRequest) << path;
  }
  EXPECT_EQ(target("GET", "/v1beta/files/a..b").path, "/v1beta/files/a..b");
}

TEST(NativePath, CredentialsNeverTravel) {
  EXPECT_EQ(without_credentials("key=a"), "");
  EXPECT_EQ(without_credentials("alt=sse&key=a&access_token=b&oauth_token=c&x=1"), "alt=sse&x=1");
  EXPECT_EQ(without_credentials("%6bey=a&%24key=b&key"), "");
  EXPECT_EQ(without_credentials("monkey=a&keys=b"), "monkey=a&keys=b");
  EXPECT_EQ(without_credentials("&&a=1&&"), "a=1");
  EXPECT_EQ(without_credentials("key=a=b&b=key=c"), "b=key=c");
}

}  // namespace
}  // namespace wasat::dialect::native
