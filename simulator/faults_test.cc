// Faults on demand, as a client sees them on the wire.

#include <fstream>
#include <sstream>

#include "base/source_folder_test.h"
#include "gemini/errors.h"
#include "simulator/simulator_test.h"

namespace wasat::simulator::test {
namespace {

using namespace std::chrono_literals;

class SimulatorFaults : public SimulatorTest {
 protected:
  Answered with_key(std::string_view fault, std::string_view target = kStream) {
    return ask({.target = std::string(target), .key = "sim-" + std::string(fault)});
  }
  Answered rule(std::string_view json) {
    return ask({.target = "/simulator/faults", .body = std::string(json)});
  }
};

TEST_F(SimulatorFaults, NamesAreUniqueAndFound) {
  for (const FaultRow& row : faults()) {
    EXPECT_EQ(find_fault(row.name), row.fault);
    EXPECT_EQ(fault_in("AIzaSy-sim-" + std::string(row.name) + "-7"), row.fault) << row.name;
    EXPECT_FALSE(row.does.empty());
  }
  EXPECT_EQ(fault_in("quota-day"), std::nullopt);
  EXPECT_EQ(fault_in("sim-nothing"), std::nullopt);
}

TEST_F(SimulatorFaults, TheReadmeNamesThemAll) {
  std::ifstream file(wasat::test::source_folder() / "simulator/README.md");
  std::stringstream text;
  text << file.rdbuf();
  for (const FaultRow& row : faults()) {
    EXPECT_NE(text.str().find("`" + std::string(row.name) + "`"), std::string::npos) << row.name;
  }
}

TEST_F(SimulatorFaults, RefusalsSpeakGooglesLanguage) {
  using gemini::Defect;
  using gemini::QuotaWindow;
  struct Row {
    const char* fault;
    int status;
    ErrorKind kind;
    std::optional<QuotaWindow> window;
    std::optional<Defect> defect;
  };
  using enum ErrorKind;
  for (const Row& row : {
           Row{"quota-minute", 429, kRateLimited, QuotaWindow::kMinute, {}},
           Row{"quota-day", 429, kQuotaExhausted, QuotaWindow::kDay, {}},
           Row{"quota-multi", 429, kQuotaExhausted, QuotaWindow::kDay, {}},
           Row{"quota-zero", 429, kQuotaExhausted, QuotaWindow::kNever, {}},
           Row{"quota-bare", 429, kRateLimited, QuotaWindow::kUnknown, {}},
           Row{"quota-retry", 429, kRateLimited, QuotaWindow::kMinute, {}},
           Row{"quota-text", 429, kRateLimited, QuotaWindow::kUnknown, {}},
           Row{"quota-page", 429, kRateLimited, {}, {}},
           Row{"internal", 500, kUpstreamFailed, {}, {}},
           Row{"overloaded", 503, kUnavailable, {}, {}},
           Row{"deadline", 504, kTimeout, {}, {}},
           Row{"bad-gateway", 502, kUpstreamFailed, {}, {}},
           Row{"key-invalid", 400, kCredentialRejected, {}, Defect::kInvalid},
           Row{"key-expired", 400, kCredentialRejected, {}, Defect::kExpired},
           Row{"key-suspended", 403, kCredentialRejected, {}, Defect::kSuspended},
           Row{"key-leaked", 403, kCredentialRejected, {}, Defect::kLeaked},
           Row{"service-disabled", 403, kCredentialRejected, {}, Defect::kServiceDisabled},
           Row{"location", 400, kUpstreamFailed, {}, {}},
           Row{"too-long", 400, kContextTooLong, {}, {}},
           Row{"no-model", 404, kModelNotFound, {}, {}},
           Row{"no-json-schema", 400, kInvalidRequest, {}, {}},
       }) {
    const Answered answered = with_key(row.fault);
    EXPECT_EQ(answered.status, row.status) << row.fault;
    const auto body = Buffer::copy_of(answered.body);
    const gemini::Failure failure = gemini::classify({.status = answered.status,
                                                      .body = body->padded(),
                                                      .retry_after = {},
                                                      .now = gemini::SystemTime(1'700'000'000s)});
    EXPECT_EQ(failure.error.kind, row.kind) << row.fault << answered.body;
    EXPECT_EQ(failure.defect, row.defect) << row.fault;
    EXPECT_EQ(failure.quota ? std::optional(failure.quota->window) : std::nullopt, row.window)
        << row.fault;
  }
}

TEST_F(SimulatorFaults, StreamsBreak) {
  const Answered reset = with_key("reset");
  EXPECT_EQ(reset.status, 200);
  EXPECT_TRUE(reset.broken);
  const Answered torn = with_key("torn");
  EXPECT_FALSE(torn.broken);
  EXPECT_FALSE(torn.body.ends_with("\r\n\r\n"));
  EXPECT_TRUE(torn.body.starts_with("data: {"));
  EXPECT_TRUE(with_key("reset", kUnary).broken);
}

TEST_F(SimulatorFaults, ErrorsHideBehindAnOk) {
  const std::vector<std::string> chunks = events(with_key("error-event").body);
  ASSERT_EQ(chunks.size(), 2u);
  EXPECT_TRUE(chunks[1].starts_with(R"({"error": {"code": 503)")) << chunks[1];
  const Answered bare = with_key("bare-error");
  EXPECT_NE(bare.body.find("\r\n\r\n{\n  \"error\": {\n    \"code\": 499"), std::string::npos);
  const Answered unary = with_key("error-in-ok", kUnary);
  EXPECT_EQ(unary.status, 200);
  EXPECT_EQ(Parsed(unary.body)["error"]["code"].integer(), 503);
  EXPECT_TRUE(with_key("garbage").content_type.starts_with("text/html"));
}

TEST_F(SimulatorFaults, AnswersLackSomething) {
  EXPECT_EQ(with_key("empty").body, "");
  EXPECT_EQ(with_key("empty", kUnary).body, "{}\n");
  EXPECT_EQ(with_key("no-reason").body.find("finishReason"), std::string::npos);
  for (const auto& [fault, words] : {std::pair{"safety", "\"finishReason\": \"SAFETY\""},
                                     {"recitation", "\"finishReason\": \"RECITATION\""},
                                     {"max-tokens", "\"finishReason\": \"MAX_TOKENS\""},
                                     {"malformed-call", "MALFORMED_FUNCTION_CALL"},
                                     {"blocked", "\"blockReason\": \"SAFETY\""},
                                     {"thoughts-only", "\"thought\": true"}}) {
    for (const std::string& target : {kUnary, kStream}) {
      const Answered answered = with_key(fault, target);
      EXPECT_EQ(answered.status, 200) << fault;
      EXPECT_NE(answered.body.find(words), std::string::npos) << fault << answered.body;
    }
  }
}

TEST_F(SimulatorFaults, DripAndHugeArriveWhole) {
  const auto answers = ask_all({{.target = kStream}, {.target = kStream, .key = "sim-drip"}});
  EXPECT_EQ(answers[0].body.substr(0, 20), answers[1].body.substr(0, 20));
  EXPECT_EQ(answers[0].body.size(), answers[1].body.size());
  EXPECT_FALSE(events(answers[1].body).empty());
  rule(R"({"fault":"huge","match":{"key":"big"},"bytes":300000})");
  for (const std::string& target : {kUnary, kStream}) {
    const Answered huge = ask({.target = target, .key = "big"});
    EXPECT_GT(huge.body.size(), 300000u);
    EXPECT_FALSE(huge.broken);
    if (target == kUnary) {
      EXPECT_EQ(at(Parsed(huge.body)["candidates"], 0)["finishReason"].string(), "STOP");
    } else {
      EXPECT_EQ(events(huge.body).size(), 5u);
    }
  }
}

TEST_F(SimulatorFaults, ConnectionsClose) {
  EXPECT_EQ(with_key("close").status, 0);
  // The first request passes; the second finds its connection closed, and the
  // client sends it again on a new one.
  const auto answers = ask_all({{.target = kUnary, .key = "sim-close-reused"},
                                {.target = kUnary, .key = "sim-close-reused"}});
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(answers[1].status, 200);
  const Parsed seen(ask({.target = "/simulator/requests", .method = "GET"}).body);
  std::vector<std::string> endings;
  for (const json::Value request : seen["requests"]) {
    endings.emplace_back(request["ending"].string_or(""));
  }
  EXPECT_EQ(endings, (std::vector<std::string>{"cut", "answered", "cut", "answered"}));
}

TEST_F(SimulatorFaults, EarlyRefusalsDoNotWaitForTheBody) {
  const Answered early =
      ask({.target = kUnary, .body = std::string(8 << 20, 'x'), .key = "sim-early"});
  EXPECT_EQ(early.status, 413);
}

TEST_F(SimulatorFaults, SilenceEndsWhenTheClientLeaves) {
  rule(
      R"([{"fault":"stall","match":{"key":"first"}},{"fault":"stall-mid","match":{"key":"mid"}}])");
  int pieces = 0;
  run([&]() -> Task<> {
    for (const char* key : {"first", "mid"}) {
      Cancel leave;
      const std::vector<http::Header> headers = {{"x-goog-api-key", key}};
      Body body = Body::of(R"({"contents":[{"parts":[{"text":"Hi"}]}]})");
      const auto patience = std::chrono::steady_clock::now() + 50ms;
      auto stream = co_await client_.send(
          upstream_, {.method = "POST", .target = kStream, .headers = headers, .body = &body},
          patience, &leave);
      if (!stream) continue;
      while (true) {
        const auto piece = co_await (*stream)->read(std::chrono::steady_clock::now() + 50ms);
        if (!piece || piece->idle || piece->ended) break;
        ++pieces;
      }
    }
    // The departure is noticed by the server in its own time.
    for (int i = 0; i < 200; ++i) co_await net::yield(loop_);
  });
  EXPECT_EQ(pieces, 1);
  const Parsed overview(ask({.target = "/simulator", .method = "GET"}).body);
  EXPECT_EQ(overview["clientsLeft"].integer(), 2);
  EXPECT_EQ(overview["open"].integer(), 0);
}

TEST_F(SimulatorFaults, SlownessIsMeasured) {
  rule(R"({"fault":"slow","ms":3,"match":{"key":"snail"}})");
  const auto before = std::chrono::steady_clock::now();
  const Answered answered = ask({.target = kStream, .key = "snail"});
  const auto gaps = static_cast<int>(events(answered.body).size());
  EXPECT_GE(std::chrono::steady_clock::now() - before, gaps * 3ms);
  EXPECT_GT(answered.pieces, 1);
}

TEST_F(SimulatorFaults, RulesMatchAndCount) {
  rule(R"({"rules":[{"fault":"overloaded","match":{"model":"2.5-flash","method":"stream"},)"
       R"("times":2,"after":1},{"fault":"internal","match":{"text":"bad luck"}}]})");
  const std::string unlucky = R"({"contents":[{"parts":[{"text":"bad luck"}]}]})";
  std::vector<int> statuses;
  for (const Answered& answered : ask_all({{.target = kStream},
                                           {.target = kStream},
                                           {.target = kStream},
                                           {.target = kStream},
                                           {.target = kUnary},
                                           {.target = kStream3},
                                           {.target = kUnary, .body = unlucky}})) {
    statuses.push_back(answered.status);
  }
  EXPECT_EQ(statuses, (std::vector<int>{200, 503, 503, 200, 200, 200, 500}));
  EXPECT_EQ(ask({.target = "/simulator/faults", .method = "DELETE"}).status, 200);
  EXPECT_EQ(ask({.target = kUnary, .body = unlucky}).status, 200);
}

TEST_F(SimulatorFaults, ChanceFollowsTheSeed) {
  const auto draw = [](std::uint64_t seed) {
    State state({.seed = seed});
    const auto json = Buffer::copy_of(R"({"fault":"internal","probability":0.5})");
    EXPECT_TRUE(state.add_rules(json->padded()).has_value());
    std::string drawn;
    for (int i = 0; i < 40; ++i) drawn += state.strike({}, std::nullopt) ? 'x' : '.';
    return drawn;
  };
  EXPECT_EQ(draw(1), draw(1));
  EXPECT_NE(draw(1), draw(2));
  EXPECT_NE(draw(1).find('x'), std::string::npos);
  EXPECT_NE(draw(1).find('.'), std::string::npos);
}

TEST_F(SimulatorFaults, BadRulesAreRefused) {
  EXPECT_EQ(rule("{").status, 400);
  const Answered unknown = rule(R"({"fault":"earthquake"})");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_NE(unknown.body.find("earthquake"), std::string::npos);
  std::string many = "[";
  for (int i = 0; i < 300; ++i) many += R"({"fault":"drip"},)";
  many.back() = ']';
  EXPECT_EQ(rule(many).status, 400);
}

TEST_F(SimulatorFaults, ModelsAskForFaultsByTheirNames) {
  EXPECT_EQ(ask({.target = "/v1beta/models/gemini-sim-overloaded:generateContent"}).status, 503);
  EXPECT_EQ(ask({.target = "/v1beta/models/gemini-sim-1:generateContent"}).status, 200);
}

TEST_F(SimulatorFaults, WhatTravelledCanBeAsserted) {
  ask_all(
      {{.target = kUnary + "?x=1", .key = "k1"}, {.target = "/v1beta/models", .method = "GET"}});
  const Parsed seen(ask({.target = "/simulator/requests", .method = "GET"}).body);
  const json::Value first = at(seen["requests"], 0);
  EXPECT_EQ(first["key"].string(), "k1");
  EXPECT_EQ(first["method"].string(), "POST");
  EXPECT_EQ(first["target"].string(), kUnary + "?x=1");
  EXPECT_EQ(first["status"].integer(), 200);
  EXPECT_EQ(first["headers"]["content-type"].string(), "application/json");
  EXPECT_EQ(first["body"].string(), R"({"contents":[{"parts":[{"text":"Hi"}]}]})");
  EXPECT_EQ(at(seen["requests"], 1)["method"].string(), "GET");
  EXPECT_EQ(ask({.target = "/simulator/requests", .method = "DELETE"}).status, 200);
  EXPECT_EQ(Parsed(ask({.target = "/simulator/requests", .method = "GET"}).body)["requests"].size(),
            0u);
}

class SimulatorMemory : public SimulatorTest {
 protected:
  SimulatorMemory() : SimulatorTest({.remembered_requests = 3}) {}
};

TEST_F(SimulatorMemory, OnlyTheLastRequestsAreKept) {
  for (int i = 0; i < 5; ++i) ask({.target = "/v1beta/models", .method = "GET"});
  const Parsed seen(ask({.target = "/simulator/requests", .method = "GET"}).body);
  ASSERT_EQ(seen["requests"].size(), 3u);
  EXPECT_EQ(at(seen["requests"], 0)["number"].integer(), 3);
}

}  // namespace
}  // namespace wasat::simulator::test
