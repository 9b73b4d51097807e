#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/raw/raw.h"

namespace wasat::gateway {
namespace {

using testing::ElementsAre;

const store::Time kNow{std::chrono::hours(500'000)};

std::vector<store::Resource> resources(std::string_view method, std::string_view path,
                                       std::string_view text) {
  const auto body = Buffer::copy_of(text);
  json::Document document;
  const auto root = document.parse(body->padded());
  EXPECT_TRUE(root.has_value()) << text;
  const RawAnswer about{.path = gemini::read_resource_path(method, path),
                        .http_method = std::string(method),
                        .credential_id = "c1"};
  if (!root || !may_name_resources(about)) return {};
  return resources_in(about, *root, kNow);
}

std::vector<std::string> names(std::string_view method, std::string_view path,
                               std::string_view text) {
  std::vector<std::string> found;
  for (const store::Resource& each : resources(method, path, text)) found.push_back(each.name);
  return found;
}

TEST(Ownership, OfWhatIsMade) {
  const auto files = resources("POST", "/upload/v1beta/files",
                               R"({"file":{"name":"files/a","mimeType":"image/png",
                                   "expirationTime":"2027-01-15T08:00:01.5Z"}})");
  ASSERT_EQ(files.size(), 1u);
  EXPECT_EQ(files[0].name, "files/a");
  EXPECT_EQ(files[0].mime_type, "image/png");
  EXPECT_EQ(files[0].credential_id, "c1");
  EXPECT_EQ(files[0].expires.time_since_epoch(), std::chrono::seconds(1'800'000'001));
  EXPECT_THAT(names("POST", "/v1beta/files:register", R"({"files":[{"name":"files/b"}]})"),
              ElementsAre("files/b"));
  EXPECT_THAT(names("POST", "/v1beta/cachedContents", R"({"name":"cachedContents/c"})"),
              ElementsAre("cachedContents/c"));
  EXPECT_THAT(
      names("POST", "/v1beta/models/m:predictLongRunning", R"({"name":"models/m/operations/o"})"),
      ElementsAre("models/m/operations/o"));
  EXPECT_THAT(names("POST", "/v1beta/models/m:batchGenerateContent", R"({"name":"batches/b"})"),
              ElementsAre("batches/b"));
  EXPECT_THAT(names("POST", "/v1beta/interactions", R"({"id":"v1_i","object":"interaction"})"),
              ElementsAre("interactions/v1_i"));
  EXPECT_THAT(names("POST", "/v1beta/interactions",
                    R"({"interaction":{"id":"v1_i"},"event_type":"interaction.created"})"),
              ElementsAre("interactions/v1_i"));
  EXPECT_THAT(names("POST", "/v1alpha/auth_tokens", R"({"name":"auth_tokens/t"})"),
              ElementsAre("auth_tokens/t"));
}

TEST(Ownership, OfWhatOperationsLeave) {
  EXPECT_THAT(names("GET", "/v1beta/models/m/operations/o",
                    R"({"done":true,"response":{"generateVideoResponse":{"generatedSamples":[
                      {"video":{"uri":"https://generativelanguage.googleapis.com/v1beta/files/v:download?alt=media"}}]}}})"),
              ElementsAre("files/v"));
  EXPECT_THAT(names("GET", "/v1beta/batches/b", R"({"response":{"responsesFile":"files/r"}})"),
              ElementsAre("files/r"));
}

// An answer can hold what a client wrote; only its place makes a name one.
TEST(Ownership, IsNotGainedByTexts) {
  EXPECT_THAT(names("GET", "/v1beta/models/m/operations/o",
                    R"({"metadata":{"prompt":"files/a","uri":"files/a"},"name":"files/a"})"),
              ElementsAre());
  EXPECT_THAT(names("GET", "/v1beta/files/a", R"({"name":"files/b"})"), ElementsAre());
  EXPECT_THAT(
      names("POST", "/v1beta/cachedContents", R"({"name":"files/a","file":{"name":"files/b"}})"),
      ElementsAre());
  EXPECT_THAT(names("POST", "/v1beta/interactions", R"({"id":"../files/a"})"), ElementsAre());
  EXPECT_THAT(names("POST", "/v1beta/files/a:download", R"({"name":"files/a"})"), ElementsAre());
  EXPECT_THAT(names("POST", "/v1beta/webhooks", R"({"name":"files/a"})"), ElementsAre());
}

TEST(ReadTime, TakesWhatGoogleWrites) {
  EXPECT_EQ(read_time("2027-01-15T08:00:00Z")->time_since_epoch(),
            std::chrono::seconds(1'800'000'000));
  EXPECT_EQ(read_time("2027-01-15T08:00:00.123456789Z")->time_since_epoch(),
            std::chrono::seconds(1'800'000'000));
  for (const char* wrong : {"", "2027", "2027-13-15T08:00:00Z", "2027-01-15 08:00:00Z",
                            "2027-01-15T08:00:00+01:00", "xxxx-xx-xxTxx:xx:xxZ"}) {
    EXPECT_FALSE(read_time(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace wasat::gateway
