#include "gemini/error_body.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

using namespace std::chrono_literals;

TEST(ErrorBody, HasGooglesForm) {
  EXPECT_EQ(error_body(client_error(ErrorKind::kNotFound, "No \"such\" path.")),
            R"({"error":{"code":404,"message":"No \"such\" path.","status":"NOT_FOUND"}})");
}

TEST(ErrorBody, DetailsSayWhereAndWhen) {
  Error error = client_error(ErrorKind::kRateLimited, "Busy.", "contents[0]");
  error.retry_after = 34400ms;
  EXPECT_EQ(error_body(error),
            R"({"error":{"code":429,"message":"Busy.","status":"RESOURCE_EXHAUSTED","details":[)"
            R"({"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[)"
            R"({"field":"contents[0]","description":"Busy."}]},)"
            R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.400s"}]}})");
}

TEST(ErrorBody, Durations) {
  EXPECT_EQ(duration_text(0ms), "0s");
  EXPECT_EQ(duration_text(7ms), "0.007s");
  EXPECT_EQ(duration_text(34s), "34s");
  EXPECT_EQ(duration_text(-5ms), "0s");
}

}  // namespace
}  // namespace wasat::gemini
