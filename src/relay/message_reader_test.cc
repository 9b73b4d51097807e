// Laws of reading, for all protocols: any split of a message tells the same, and so does
// either road.

#include "relay/message_reader.h"

#include <gtest/gtest.h>

#include "json/generated_test.h"
#include "relay/heard_test.h"
#include "ws/utf8.h"

namespace wasat::relay {
namespace {

using json::test::Generated;
using test::Heard;

constexpr ProtocolLimits kScan{.whole_message = 0};

std::vector<std::string> told(const test::Make& make, ProtocolLimits limits,
                              const std::vector<std::string_view>& parts) {
  Heard heard;
  const std::unique_ptr<Protocol> protocol = make(limits);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    protocol->read(parts[i], i == 0, i + 1 == parts.size(), heard);
  }
  return heard.take();
}

// A message that a protocol might know, its members in any order.
std::string message(Generated& generated) {
  const std::string chunks =
      "[" + generated.value(3) + ",{" + generated.string() + ":" + generated.value(3) + "},{}]";
  const std::string payload = R"({"status":)" + generated.scalar() + R"(,"body":)" +
                              generated.scalar() +
                              R"(,"headers":{"Content-Type":["application/json"],"x":1},"data":)" +
                              generated.string() + "}";
  std::vector<std::string> members;
  const auto maybe = [&](std::size_t n, std::string member) {
    if (!generated.one_in(n)) members.push_back(std::move(member));
  };
  maybe(8, R"("id":)" + (generated.one_in(8) ? generated.scalar() : std::string("\"r\\u002d1\"")));
  maybe(8, R"("request_id":"r-1")");
  static constexpr std::array<const char*, 14> kTypes{"batch",         "chunk",
                                                      "http_response", "stream_start",
                                                      "stream_chunk",  "stream_end",
                                                      "error",         "response_headers",
                                                      "stream_close",  "ping",
                                                      "pong",          "http_request",
                                                      "cancel",        ""};
  maybe(8, R"("type":")" + std::string(generated.any(kTypes)) + "\"");
  maybe(8, R"("event_type":")" + std::string(generated.any(kTypes)) + "\"");
  maybe(4, R"("success":)" + (generated.one_in(4) ? generated.scalar() : std::string("true")));
  maybe(2, R"("stream":)" + (generated.one_in(3) ? generated.scalar() : std::string("true")));
  maybe(2, R"("payload":)" + (generated.one_in(3) ? generated.value(3) : payload));
  maybe(3, R"("chunks":)" + (generated.one_in(5) ? generated.value(3) : chunks));
  maybe(2, R"("done":)" + generated.scalar());
  maybe(2, R"("error":)" + generated.value(1));
  maybe(2, R"("status":)" + generated.scalar());
  maybe(2, R"("data":)" + generated.value(1));
  maybe(2, R"("headers":)" + generated.value(2));
  maybe(2, R"("message":)" + generated.value(1));
  maybe(2, generated.string() + ":" + generated.value(2));
  if (!members.empty() && generated.one_in(10)) members.push_back(members.front());
  for (std::size_t i = members.size(); i > 1; --i) {
    std::swap(members[i - 1], members[generated.below(i)]);
  }
  std::string text = generated.space() + "{";
  for (const std::string& member : members) {
    text += (&member == members.data() ? "" : ",") + generated.space() + member;
  }
  return text + "}" + generated.space();
}

class RelayReading : public testing::TestWithParam<test::NamedProtocol> {};

TEST_P(RelayReading, AnySplitAndEitherRoadTellTheSame) {
  std::size_t answers = 0;
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    Generated generated(seed);
    std::string text = message(generated);
    if (generated.one_in(4)) text = generated.damaged(text);
    if (!ws::is_utf8(text)) continue;
    const auto whole = told(GetParam().make, {}, {text});
    ASSERT_FALSE(whole.empty() && text.starts_with('{') && !text.contains("\"p")) << text;
    answers += whole.size() > 1 ? 1 : 0;
    EXPECT_EQ(told(GetParam().make, {}, generated.parts(text)), whole) << seed << ": " << text;
    // How much of what turns out to be no JSON is passed on depends on the split.
    for (const auto& parts : {std::vector<std::string_view>{text}, generated.parts(text)}) {
      const auto scanned = told(GetParam().make, kScan, parts);
      EXPECT_TRUE(test::agree(whole, scanned))
          << seed << ": " << text << "\nwhole: " << testing::PrintToString(whole)
          << "\nscanned: " << testing::PrintToString(scanned);
    }
  }
  EXPECT_GT(answers, 500u);  // else this test tests nothing
}

TEST_P(RelayReading, BytesThatAreNoTextBreakNothing) {
  const std::string text = "{\"id\":\"r-1\",\"success\":true,\"payload\":\"\xff\xfe\"}";
  for (const ProtocolLimits limits : {ProtocolLimits(), kScan}) {
    (void)told(GetParam().make, limits, {text});
    (void)told(GetParam().make, limits, {"{\"\xff\\u0069\":1,\"id\":\"\xff\"}"});
    (void)told(GetParam().make, limits, {std::string_view("{\"id\":\"a\0b\"}", 12)});
    (void)told(GetParam().make, limits, {std::string_view("\0", 1)});
  }
}

TEST_P(RelayReading, DepthIsBounded) {
  for (const std::size_t depth : {129u, 130u, 1'000'000u}) {
    const std::string text = R"({"id":"r-1","request_id":"r-1","type":"stream_end","event_type":)"
                             R"("stream_close","success":false,"x":)" +
                             std::string(depth, '[') + std::string(depth, ']') + "}";
    for (const ProtocolLimits limits : {ProtocolLimits(), kScan}) {
      const std::string last = told(GetParam().make, limits, {text}).back();
      EXPECT_EQ(last.starts_with("misunderstood"), depth > 129) << last << depth;
    }
  }
}

TEST_P(RelayReading, AMessageThatBreaksOffIsForgotten) {
  for (const ProtocolLimits limits : {ProtocolLimits(), kScan}) {
    Heard heard;
    const std::unique_ptr<Protocol> protocol = GetParam().make(limits);
    protocol->read(R"({"id":"r-1","request_id":"r-1","status":429,"err)", true, false, heard);
    protocol->read("ping", true, true, heard);
    EXPECT_EQ(heard.take(), std::vector<std::string>());
    protocol->read("no", true, false, heard);
    protocol->read("", false, true, heard);
    EXPECT_EQ(heard.take(), std::vector<std::string>{"misunderstood no JSON object"});
  }
}

INSTANTIATE_TEST_SUITE_P(Protocols, RelayReading, testing::ValuesIn(test::protocols()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(RelayRoads, TheLengthAloneDecides) {
  const std::string_view text = R"({"id":"r-1","success":true,"payload":{"a":1}])";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const std::vector<std::string_view> parts{text.substr(0, at), text.substr(at)};
    const auto whole = told(make_applet_protocol, {.whole_message = text.size()}, parts);
    EXPECT_EQ(whole, std::vector<std::string>{"misunderstood no JSON object"}) << at;
    const auto scanned = told(make_applet_protocol, {.whole_message = text.size() - 1}, parts);
    ASSERT_EQ(scanned.size(), 4u) << at;
    EXPECT_EQ(scanned[1], R"(piece r-1 {"a":1})") << at;
  }
}

class AppletReading : public testing::Test {
 protected:
  void read(std::string_view bytes, bool first, bool last) {
    protocol_->read(bytes, first, last, heard_);
  }

  std::unique_ptr<Protocol> protocol_ = make_applet_protocol({.held = 1024});
  Heard heard_;
};

TEST_F(AppletReading, ALongPayloadIsPassedOnWhileItComes) {
  const std::string part(64 * 1024, 'x');
  read(R"({"id":"r-1","success":true,"payload":{"data":")", true, false);
  std::size_t sent = 10, got = 0;
  for (int i = 0; i < 400; ++i, sent += part.size()) {
    read(part, false, false);
    for (const std::string& line : heard_.take()) {
      if (line.starts_with("piece r-1 ")) got += line.size() - 10;
    }
    if (i >= 4) ASSERT_GE(got, sent) << i;  // what was read before it was known to be long
  }
  read("\"}}", false, true);
  EXPECT_EQ(heard_.take(), (std::vector<std::string>{"piece r-1 \"}", "ended r-1"}));
}

TEST_F(AppletReading, OfALongBatchEachChunkEnds) {
  const std::string chunk = "{\"text\":\"" + std::string(100'000, 'x') + "\"}";
  read(R"({"id":"r-1","stream":true,"type":"batch","chunks":[)" + chunk + "," + chunk + "," +
           chunk + "],\"done\":true}",
       true, true);
  EXPECT_EQ(heard_.take(),
            (std::vector<std::string>{"began r-1 200 chunks", "piece r-1 " + chunk,
                                      "piece r-1 " + chunk, "piece r-1 " + chunk, "ended r-1"}));
}

TEST_F(AppletReading, OfALongMessageLittleIsHeld) {
  const std::string payload = "\"" + std::string(300'000, 'x') + "\"";
  read("{\"payload\":" + payload + R"(,"success":true,"id":"r-1"})", true, true);
  EXPECT_EQ(heard_.take(),
            std::vector<std::string>{"misunderstood too much in front of an answer, or beside it"});
  read(R"({"id":"r-1","payload":)" + payload + R"(,"success":true})", true, true);
  EXPECT_EQ(heard_.take().back(), "misunderstood too much in front of an answer, or beside it");
  read(R"({"id":"r-1","success":false,"error":)" + payload + "}", true, true);
  EXPECT_EQ(heard_.take(), (std::vector<std::string>{
                               "failed r-1 0 The node's answer cannot be understood: too "
                               "much in front of an answer, or beside it.",
                               "misunderstood too much in front of an answer, or beside it"}));
  read("{\"other\":" + payload + R"(,"success":false,"id":"r-1"})", true, true);
  EXPECT_EQ(heard_.take(), std::vector<std::string>{"failed r-1 0 Applet Error"});
}

TEST_F(AppletReading, WhatWasUnderstoodIsHeldNoMore) {
  const std::string text = "\"" + std::string(600, 'x') + "\"";
  read("{\"id\":\"r-1\",\"type\":" + text + ",\"success\":0,\"error\":" + text + ",\"other\":\"" +
           std::string(300'000, 'x') + "\"}",
       true, true);
  EXPECT_EQ(heard_.take(), std::vector<std::string>{"failed r-1 0 " + std::string(600, 'x')});
}

TEST_F(AppletReading, WhatIsNoJsonBehindALongAnswerEndsIt) {
  const std::string data(300'000, 'x');
  read(R"({"id":"r-1","success":true,"payload":")" + data + "\"]", true, false);
  EXPECT_EQ(heard_.take(),
            (std::vector<std::string>{
                "began r-1 200 chunk", "piece r-1 \"" + data + "\"",
                "failed r-1 0 The node's answer cannot be understood: no JSON object.",
                "misunderstood no JSON object"}));
  read("}", false, true);
  EXPECT_EQ(heard_.take(), std::vector<std::string>());
}

TEST_F(AppletReading, ALongPingIsIgnored) {
  read(std::string(300'000, ' '), true, false);
  read(" P", false, false);
  read(std::string(300'000, '{'), false, true);
  EXPECT_EQ(heard_.take(), std::vector<std::string>());
}

}  // namespace
}  // namespace wasat::relay
