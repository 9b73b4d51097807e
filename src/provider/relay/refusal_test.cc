#include "provider/relay/refusal.h"

#include <gtest/gtest.h>

namespace wasat::provider {
namespace {

gemini::Failure read(std::string_view text, int status = 0) {
  return read_node_failure(status, text, {}, gemini::SystemTime());
}

constexpr std::string_view kQuota =
    R"({"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED",)"
    R"("details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":)"
    R"([{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}})";

TEST(NodeFailure, GooglesErrorIsFoundWhereverItStands) {
  for (const std::string& text :
       {std::string(kQuota), "got status: 429 Too Many Requests. " + std::string(kQuota),
        "ApiError: " + std::string(kQuota) + " at fetch", "{ not json } " + std::string(kQuota)}) {
    const gemini::Failure failure = read(text);
    ASSERT_TRUE(failure.quota) << text;
    EXPECT_EQ(failure.quota->window, gemini::QuotaWindow::kDay);
    EXPECT_EQ(failure.error.status, 429);
  }
}

TEST(NodeFailure, AStatusAloneCounts) {
  EXPECT_EQ(read("got status: 503 Service Unavailable").error.status, 503);
  EXPECT_EQ(read("[429 Too Many Requests] slow down").error.status, 429);
  EXPECT_EQ(read("Proxy browser error: timed out", 504).error.status, 504);
  // What only looks like one.
  for (const std::string_view text : {"status: 4290", "[42", "status: 200", "line [500x]"}) {
    EXPECT_NE(read(text).error.status, 4290) << text;
  }
  EXPECT_EQ(read("status: 4290").error.status, 0);
  EXPECT_EQ(read("status: 200").error.status, 0);
}

TEST(NodeFailure, WordsAreTheFirstRelaysError) {
  const gemini::Failure failure = read("Unsupported API endpoint: /x");
  EXPECT_EQ(failure.error.kind, ErrorKind::kInternal);
  EXPECT_EQ(failure.error.canonical, "INTERNAL_ERROR");
  EXPECT_EQ(failure.error.retry, Retry::kNextCredential);
  EXPECT_EQ(failure.error.detail, "Unsupported API endpoint: /x");
  EXPECT_EQ(failure.blame, gemini::Blame::kNobody);
  EXPECT_EQ(read("").error.detail, "Applet Error");
}

TEST(NodeFailure, TellsNoSecretsAndIsNotSlowedByBraces) {
  const std::string key = "AIza" + std::string(35, 'x');
  EXPECT_EQ(read("the key " + key + " is bad").error.detail.find(key), std::string::npos);
  EXPECT_EQ(read(std::string(200'000, '{') + "}").error.canonical, "INTERNAL_ERROR");
}

}  // namespace
}  // namespace wasat::provider
