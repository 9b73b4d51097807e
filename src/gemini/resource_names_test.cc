#include "gemini/resource_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

using testing::ElementsAre;

std::vector<std::string> names_in(std::string_view text, ResourceKind kind = ResourceKind::kOther) {
  const auto body = Buffer::copy_of(text);
  json::Document document;
  const auto root = document.parse(body->padded());
  EXPECT_TRUE(root.has_value()) << text;
  std::vector<std::string> names;
  if (root) collect_resources(*root, kind, names);
  return names;
}

TEST(ResourceNames, OfGenerateContent) {
  EXPECT_THAT(names_in(R"({"contents":[{"parts":[{"fileData":{"fileUri":"files/a"}},
          {"file_data":{"file_uri":"https://generativelanguage.googleapis.com/v1beta/files/b"}},
          {"fileData":{"fileUri":"files/a"}},
          {"functionResponse":{"name":"f","response":{},"parts":[
            {"fileData":{"fileUri":"files/c"}}]}}]}],
        "cachedContent":"cachedContents/x",
        "tools":[{"fileSearch":{"fileSearchStoreNames":["fileSearchStores/s","fileSearchStores/t"]}}]})"),
              ElementsAre("files/a", "files/b", "files/c", "cachedContents/x", "fileSearchStores/s",
                          "fileSearchStores/t"));
  EXPECT_THAT(names_in(R"({"generateContentRequest":{"cached_content":"x"}})"),
              ElementsAre("cachedContents/x"));
  // JSON allows more than one spelling.
  EXPECT_THAT(names_in(R"({"a":{"file\u0055ri":"f\u0069les/a"},"fileUri":"files/b"})"),
              ElementsAre("files/a", "files/b"));
  EXPECT_THAT(names_in(R"({"file_search_store_names":"fileSearchStores/s"})"),
              ElementsAre("fileSearchStores/s"));
}

TEST(ResourceNames, NotInWhatIsTheClientsOwn) {
  EXPECT_THAT(names_in(R"({"contents":[{"parts":[{"text":"files/a"},
      {"functionCall":{"name":"f","args":{"fileUri":"files/a","cachedContent":"x"}}},
      {"functionResponse":{"name":"f","response":{"fileUri":"files/a"}}}]}],
      "tools":[{"functionDeclarations":[{"parameters":{"properties":{"fileUri":{"enum":["files/a"]}}},
        "parametersJsonSchema":{"fileUri":"files/a"}}]}],
      "generationConfig":{"responseSchema":{"fileUri":"files/a"}},
      "model":"models/m","uri":"files/a","fileName":"files/a","fileUri":null})"),
              ElementsAre());
}

TEST(ResourceNames, OfOtherRequests) {
  EXPECT_THAT(
      names_in(R"({"batch":{"inputConfig":{"fileName":"files/a"}}})", ResourceKind::kBatches),
      ElementsAre("files/a"));
  EXPECT_THAT(names_in(R"({"batch":{"inputConfig":{"requests":{"requests":[
      {"request":{"contents":[{"parts":[{"fileData":{"fileUri":"files/b"}}]}]}}]}}}})",
                       ResourceKind::kBatches),
              ElementsAre("files/b"));
  EXPECT_THAT(names_in(R"({"file_name":"a"})", ResourceKind::kStores), ElementsAre("files/a"));
  EXPECT_THAT(names_in(R"({"previous_interaction_id":"i","model":"tunedModels/t",
      "input":[{"type":"image","uri":"files/a"},{"type":"text","text":"files/b"}]})",
                       ResourceKind::kInteractions),
              ElementsAre("interactions/i", "tunedModels/t", "files/a"));
}

}  // namespace
}  // namespace wasat::gemini
