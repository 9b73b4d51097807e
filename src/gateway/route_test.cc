#include "gateway/route.h"

#include <gtest/gtest.h>

#include "gateway/fake_request_test.h"

namespace wasat::gateway {
namespace {

struct Case {
  const char* target;
  std::vector<http::Header> headers;
  Speaks speaks;
  const char* path;
};

TEST(FindRoute, TellsTheDialectsApart) {
  const http::Header google{"x-goog-api-key", "t"};
  const http::Header bearer{"Authorization", "Bearer t"};
  const http::Header anthropic{"anthropic-version", "2023-06-01"};
  for (const Case& c : std::vector<Case>{
           {"/v1beta/models/m:generateContent",
            {},
            Speaks::kGemini,
            "/v1beta/models/m:generateContent"},
           {"//v1beta//models", {google}, Speaks::kGemini, "/v1beta/models"},
           {"/v1/models/m:streamGenerateContent?alt=sse",
            {bearer},
            Speaks::kGemini,
            "/v1/models/m:streamGenerateContent"},
           {"/gemini/v1beta/models", {bearer}, Speaks::kGemini, "/v1beta/models"},
           {"/gemini/v1/models", {bearer}, Speaks::kGemini, "/v1/models"},
           {"/models/m:generateContent", {google}, Speaks::kGemini, "/models/m:generateContent"},
           {"/upload/v1beta/files", {}, Speaks::kGemini, "/upload/v1beta/files"},
           {"/gemini/upload/v1beta/files", {}, Speaks::kGemini, "/upload/v1beta/files"},
           {"/download/v1beta/files/x:download",
            {},
            Speaks::kGemini,
            "/download/v1beta/files/x:download"},
           {"/v1/operations/x", {bearer}, Speaks::kGemini, "/v1/operations/x"},
           {"/v1/models", {google}, Speaks::kGemini, "/v1/models"},
           {"/v1/models?key=t", {}, Speaks::kGemini, "/v1/models"},
           {"/v1/models", {bearer}, Speaks::kOpenAiChat, "/models"},
           {"/v1/models", {anthropic}, Speaks::kAnthropic, "/models"},
           {"/v1/cachedContents/x", {bearer}, Speaks::kGemini, "/v1/cachedContents/x"},
           {"/v1/chat/completions", {bearer}, Speaks::kOpenAiChat, "/chat/completions"},
           {"/v1/chat/completions", {google}, Speaks::kOpenAiChat, "/chat/completions"},
           {"/v1/v1/chat/completions", {bearer}, Speaks::kOpenAiChat, "/chat/completions"},
           {"/openai/v1/chat/completions", {}, Speaks::kOpenAiChat, "/chat/completions"},
           {"/v1beta/openai/chat/completions", {}, Speaks::kOpenAiChat, "/chat/completions"},
           {"/hf/v1/models", {}, Speaks::kOpenAiChat, "/models"},
           {"/chat/completions", {}, Speaks::kOpenAiChat, "/chat/completions"},
           {"/v1/messages", {bearer}, Speaks::kAnthropic, "/messages"},
           {"/v1/v1/messages?beta=true", {bearer}, Speaks::kAnthropic, "/messages"},
           {"/v1/messages/count_tokens", {bearer}, Speaks::kAnthropic, "/messages/count_tokens"},
           {"/v1/models/claude-x", {{"x-api-key", "t"}}, Speaks::kAnthropic, "/models/claude-x"},
           {"/anthropic/v1/messages", {bearer}, Speaks::kAnthropic, "/messages"},
           {"/v1/responses", {bearer}, Speaks::kOpenAiResponses, "/responses"},
           {"/responses", {bearer}, Speaks::kOpenAiResponses, "/responses"},
           {"/v1/responses/resp_1", {bearer}, Speaks::kOpenAiResponses, "/responses/resp_1"},
           {"/v1/embeddings", {bearer}, Speaks::kOpenAiMedia, "/embeddings"},
           {"/v1beta/openai/images/generations", {}, Speaks::kOpenAiMedia, "/images/generations"},
           {"/v1/files", {bearer}, Speaks::kOpenAiMedia, "/files"},
           {"/v1/files", {google}, Speaks::kGemini, "/v1/files"},
           {"//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent?key=t",
            {},
            Speaks::kLive,
            "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"},
           {"/ws?token=t", {}, Speaks::kRelay, "/ws"},
           {"//ws", {}, Speaks::kRelay, "/ws"},
           {"/ws/events", {}, Speaks::kRelay, "/ws/events"},
           {"/v1/ws", {bearer}, Speaks::kRelay, "/v1/ws"},
           {"/?authIndex=0", {{"Upgrade", "websocket"}}, Speaks::kRelay, "/ws/events"},
           {"/?authIndex=0", {}, Speaks::kStatusPage, "/"},
           {"/", {{"Upgrade", "websocket"}}, Speaks::kStatusPage, "/"},
           {"/api/hello", {}, Speaks::kStatusPage, "/api/hello"},
           {"/health", {}, Speaks::kStatusPage, "/health"},
           {"/", {}, Speaks::kStatusPage, "/"},
           {"/api/admin/v1/login", {}, Speaks::kAdministration, "/api/admin/v1/login"},
           {"//api//admin", {}, Speaks::kAdministration, "/api/admin"},
           {"/admin/reset-key/AIza", {}, Speaks::kAdministration, "/admin/reset-key/AIza"},
           {"/v1/management/unfreeze", {}, Speaks::kAdministration, "/v1/management/unfreeze"},
           {"/v1/keys/list", {}, Speaks::kAdministration, "/v1/keys/list"},
           {"/api/stats/details", {}, Speaks::kAdministration, "/api/stats/details"},
           {"/gemini/v1beta/verify-key/a",
            {},
            Speaks::kAdministration,
            "/gemini/v1beta/verify-key/a"},
           {"/api/administrator", {}, Speaks::kNothing, "/api/administrator"},
           {"/media/A1-1.png", {}, Speaks::kMedia, "A1-1.png"},
           {"/applet", {}, Speaks::kApplet, ""},
           {"/applet/", {}, Speaks::kApplet, ""},
           {"/applet/applet.js", {}, Speaks::kApplet, "applet.js"},
           {"/applets", {}, Speaks::kNothing, "/applets"},
           {"//media/A1-1.png", {}, Speaks::kMedia, "A1-1.png"},
           {"/v1betax/models", {}, Speaks::kNothing, "/v1betax/models"},
           {"/wp-admin", {}, Speaks::kNothing, "/wp-admin"},
       }) {
    const Route route = find_route(FakeRequest(c.target, c.headers));
    EXPECT_EQ(route.speaks, c.speaks) << c.target;
    EXPECT_EQ(route.path, c.path) << c.target;
  }
}

TEST(QueryParameter, DecodesTheFirstOfThatName) {
  EXPECT_EQ(query_parameter("alt=sse&key=a%2Bb+c&key=x", "key"), "a+b c");
  EXPECT_EQ(query_parameter("keys=x&ke=y", "key"), "");
  EXPECT_EQ(query_parameter("key=%zz%4", "key"), "%zz%4");
}

}  // namespace
}  // namespace wasat::gateway
