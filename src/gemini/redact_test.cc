#include "gemini/redact.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

TEST(Redact, KeysAndTokensDisappear) {
  for (const char* secret :
       {"AIzaSyA1234567890abcdefghijklmnopqrstuv", "AIzv00G7VmUCUeC-5OglO3hcXM",
        "AQ.Ab8RN6JaBcDeFgHiJkLmNoPqRsTuVwXyZ", "ya29.a0AfH6SMBx-abc_def", "GOCSPX-abcdefghijk",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6.eyJzdWIi.SflKxw", "sk-proj-abcdefghijklmnop",
        "Zm9vYmFyMTIzNDU2Nzg5QUJDREVG"}) {
    for (const std::string& text :
         {std::string("Invalid API key: ") + secret,
          std::string("Consumer 'api_key:") + secret + "' has been suspended.", std::string(secret),
          std::string("https://x/?key=") + secret + "&alt=sse", std::string("(") + secret + ")"}) {
      const std::string clean = redacted(text);
      EXPECT_EQ(clean.find(secret), std::string::npos) << clean;
      EXPECT_NE(clean.find("[redacted]"), std::string::npos) << clean;
    }
  }
}

TEST(Redact, ShortSecretsBehindTheirNamesDisappear) {
  EXPECT_EQ(redacted("Invalid API key: key1234"), "Invalid API key: [redacted]");
  EXPECT_EQ(redacted("GET /v1?key=k1&x=2"), "GET /v1?key=[redacted]&x=2");
  EXPECT_EQ(redacted("Authorization: Bearer abc123"), "Authorization: Bearer [redacted]");
}

TEST(Redact, ProjectsDisappear) {
  EXPECT_EQ(redacted("API has not been used in project 12345678 before"),
            "API has not been used in project [redacted] before");
  EXPECT_EQ(redacted("consumer 'project_number:348715329010'"),
            "consumer 'project_number:[redacted]'");
  EXPECT_EQ(redacted("on '//x/projects/test-project-id-1234/locations'"),
            "on '//x/projects/[redacted]/locations'");
}

TEST(Redact, OrdinaryTextStays) {
  for (const char* text :
       {"", "Please pass a valid API key.",
        "Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_requests, "
        "limit: 0, model: gemini-2.5-pro\nPlease retry in 20.04466179s.",
        "GenerateContentInputTokensPerModelPerMinute-FreeTier", "project settings and key: value",
        "models/gemini-2.5-flash-preview-05-20 is not found"}) {
    EXPECT_EQ(redacted(text), text);
  }
}

TEST(Redact, LongTextIsCutBetweenCharacters) {
  EXPECT_EQ(redacted("abcdef", 4), "abcd");
  EXPECT_EQ(redacted("aéé", 2), "a");
  EXPECT_EQ(redacted("aéé", 3), "aé");
  EXPECT_EQ(redacted(std::string(5000, 'x')).size(), 2048u);
}

}  // namespace
}  // namespace wasat::gemini
