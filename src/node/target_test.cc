#include "node/target.h"

#include <gtest/gtest.h>

namespace wasat::node {
namespace {

std::string path_of(std::string_view method, std::string_view path) {
  const std::optional<Target> target = read_target(method, path);
  return target ? target->path : "";
}

TEST(NodeTarget, CallsToModelsPassWithoutWhatOnlyTheRelayNeeds) {
  EXPECT_EQ(path_of("POST", "/v1beta/models/gemini-2.5-flash:generateContent?key=secret"),
            "/v1beta/models/gemini-2.5-flash:generateContent");
  EXPECT_EQ(path_of("", "/v1beta/models/m:countTokens"), "/v1beta/models/m:countTokens");
  EXPECT_EQ(path_of("POST", "/gemini/v1beta/models/m:embedContent"),
            "/v1beta/models/m:embedContent");
  EXPECT_EQ(path_of("POST", "/v1/models/m:batchEmbedContents"), "/v1/models/m:batchEmbedContents");
  EXPECT_EQ(path_of("POST", "/v1alpha/tunedModels/t-1:generateContent"),
            "/v1alpha/tunedModels/t-1:generateContent");
}

TEST(NodeTarget, StreamsAreAskedForAsEvents) {
  const auto target = read_target("POST", "/v1beta/models/m:streamGenerateContent?key=x&alt=json");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/v1beta/models/m:streamGenerateContent?alt=sse");
  EXPECT_TRUE(target->stream);
}

TEST(NodeTarget, ListsAndModelsCanBeRead) {
  const auto all = read_target("GET", "/v1beta/models");
  ASSERT_TRUE(all);
  EXPECT_TRUE(all->all_pages);
  EXPECT_EQ(all->method, "GET");
  EXPECT_EQ(page_path(*all, ""), "/v1beta/models?pageSize=1000");
  EXPECT_EQ(page_path(*all, "x&y=1"), "/v1beta/models?pageSize=1000&pageToken=x%26y%3D1");
  const auto page = read_target("GET", "/v1beta/models?pageSize=3&key=secret&pageToken=a%2Fb");
  ASSERT_TRUE(page);
  EXPECT_FALSE(page->all_pages);
  EXPECT_EQ(page->path, "/v1beta/models?pageSize=3&pageToken=a%2Fb");
  EXPECT_EQ(path_of("GET", "/v1beta/models/m"), "/v1beta/models/m");
}

TEST(NodeTarget, TheKeyOpensNothingElse) {
  const std::pair<std::string_view, std::string_view> refused[] = {
      {"POST", ""},
      {"POST", "/v1beta/"},
      {"POST", "/v1beta/files"},
      {"GET", "/v1beta/files"},
      {"POST", "/v1beta/models"},
      {"POST", "/v1beta/models/m"},
      {"POST", "/v1beta/models/m:"},
      {"POST", "/v1beta/models/m:delete"},
      {"POST", "/v1beta/models/m:generateContent/x"},
      {"GET", "/v1beta/models/m:generateContent"},
      {"DELETE", "/v1beta/models/m"},
      {"POST", "/v1beta/models/../files/m:generateContent"},
      {"POST", "/v1beta/models/..:generateContent"},
      {"POST", "/v1beta/models/a%2fb:generateContent"},
      {"POST", "/v1beta/models/a\r\nb:generateContent"},
      {"POST", "/v1beta/cachedContents/m:generateContent"},
      {"POST", "/x/v1/models/m:generateContent"},
      {"POST", "/chat/completions"},
  };
  for (const auto& [method, path] : refused) EXPECT_FALSE(read_target(method, path)) << path;
}

}  // namespace
}  // namespace wasat::node
