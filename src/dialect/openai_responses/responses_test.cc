// What .case files cannot say: whose bytes a call is made of, who outlives whom, and
// laws that hold for any answer.

#include "dialect/openai_responses/responses.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "dialect/openai_responses/carrier.h"
#include "dialect/openai_responses/dialect.h"
#include "dialect/openai_responses/event_grammar_test.h"
#include "dialect/openai_responses/memory.h"

namespace wasat::dialect::openai_responses {
namespace {

const AnswerContext kContext{.created = 1, .id = "abcdefghijklmnopqrstuvwx"};

std::unique_ptr<Parsed> parse(const Dialect& dialect, std::string_view body) {
  auto parsed =
      dialect.parse({.http_method = "POST", .path = "/responses", .body = Buffer::copy_of(body)});
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().detail);
  return parsed ? std::move(*parsed) : nullptr;
}

std::string image_request(std::string_view base64, std::string_view text) {
  return R"({"model":"gemini-2.5-flash","input":[{"role":"user","content":[{"type":"input_text","text":")" +
         std::string(text) + R"("},{"type":"input_image","image_url":"data:image/png;base64,)" +
         std::string(base64) + R"("}]}]})";
}

TEST(Responses, LargePartsAreNotCopied) {
  const auto dialect = make_openai_responses();
  const std::string base64(1u << 20, 'A');
  const std::string text(8192, 't');
  const auto body = Buffer::copy_of(image_request(base64, text));
  const auto inside = [&body](std::string_view piece) {
    return piece.data() >= body->data() && piece.data() < body->data() + body->size();
  };
  const auto parsed =
      dialect->parse({.http_method = "POST", .path = "/responses", .body = body}).value();
  const gemini::Call call = parsed->lower({.name = "gemini-2.5-flash"}, {}).value();
  std::size_t shared = 0;
  for (const std::string_view piece : call.body.pieces()) {
    shared += inside(piece) ? piece.size() : 0;
  }
  EXPECT_EQ(shared, base64.size() + text.size());
  EXPECT_LT(call.body.size() - shared, 2000u);
}

TEST(Responses, ABodyOutlivesItsRequest) {
  const auto dialect = make_openai_responses();
  const std::string dirty = std::string(5000, 'A') + "\\n" + std::string(5000, 'B');
  gemini::Call call;
  {
    const auto parsed = parse(*dialect, image_request(dirty, std::string(5000, 'c')));
    call = parsed->lower({.name = "gemini-2.5-flash"}, {}).value();
  }
  const std::string text = call.body.flatten();
  EXPECT_NE(text.find(std::string(5000, 'A') + std::string(5000, 'B')), text.npos);
  EXPECT_NE(text.find(std::string(5000, 'c')), text.npos);
}

TEST(Responses, ABodyOutlivesWhatWasRemembered) {
  const auto dialect = make_openai_responses();
  gemini::Call call;
  {
    const auto parsed = parse(*dialect, R"({"model":"m","previous_response_id":"resp_1"})");
    Findings findings;
    findings.memos.emplace("resp_1", R"({"response":{},"items":[{"role":"user","content":")" +
                                         std::string(10000, 'm') + R"("}]})");
    call = parsed->lower({.name = "gemini-2.5-flash"}, findings).value();
  }
  EXPECT_NE(call.body.flatten().find(std::string(10000, 'm')), std::string::npos);
}

TEST(Responses, IsLoweredAgainForAnotherModelAndWithOtherFindings) {
  const auto dialect = make_openai_responses();
  const auto parsed =
      parse(*dialect, R"({"model":"gemini-3-pro-preview","input":[{"role":"user","content":"Hi"},)"
                      R"({"type":"function_call","call_id":"c","name":"f","arguments":"{}"},)"
                      R"({"type":"function_call_output","call_id":"c","output":"ok"}]})");
  const auto lowered = [&parsed](std::string_view model, const Findings& findings) {
    return parsed->lower({.name = model}, findings).value().body.flatten();
  };
  Findings known;
  known.memos.emplace("c", "U0lH");
  const std::string first = lowered("gemini-3-pro-preview", {});
  EXPECT_NE(lowered("gemini-2.5-flash", {}), first);
  EXPECT_NE(lowered("gemini-3-pro-preview", known), first);
  known.without_signatures = true;
  EXPECT_EQ(lowered("gemini-3-pro-preview", known), first);
}

TEST(Responses, TooManyCallsInARowAreRefused) {
  const auto dialect = make_openai_responses();
  std::string items;
  for (int i = 0; i < 1000; ++i) {
    items += R"({"type":"function_call","call_id":"x","name":"f","arguments":"{}"},)";
  }
  items.pop_back();
  const auto body = Buffer::copy_of(R"({"model":"m","input":[)" + items + "]}");
  const auto parsed = dialect->parse({.http_method = "POST", .path = "/responses", .body = body});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::kInvalidRequest);
}

TEST(Responses, LongConversationsAreNotRemembered) {
  const auto dialect = make_openai_responses();
  const auto parsed =
      parse(*dialect, R"({"model":"m","input":")" + std::string(kMaxRemembered + 1, 'a') + R"("})");
  const auto encoder = parsed->encoder(kContext);
  constexpr std::string_view kChunk =
      R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}]})";
  const auto chunk = Buffer::copy_of(kChunk);
  gemini::Tally tally;
  std::string out;
  ASSERT_TRUE(encoder->frame({.json = chunk->padded(), .wire = kChunk}, tally, out));
  ASSERT_TRUE(encoder->finish(tally, out));
  EXPECT_TRUE(tally.memos.empty());
  EXPECT_NE(out.find(R"("store":false)"), out.npos);
}

TEST(ResponsesCarrier, IsReadBack) {
  const std::string before = write_carrier("U0lH", "gemini-3-pro-preview", false);
  const std::string behind = write_carrier("U0lH", "gemini-3-pro-preview", true);
  ASSERT_TRUE(read_carrier(before) && read_carrier(behind));
  EXPECT_FALSE(read_carrier(before)->behind);
  EXPECT_TRUE(read_carrier(behind)->behind);
  for (const std::string& carrier : {before, behind}) {
    EXPECT_EQ(unwrap_signature(read_carrier(carrier)->wrapped, "gemini-3-pro-preview"), "U0lH");
    EXPECT_EQ(unwrap_signature(read_carrier(carrier)->wrapped, "gemini-2.5-pro"), "");
  }
  for (const char* foreign : {"", "Back", "gAAAAA", "Backwst1", "wst1"}) {
    EXPECT_FALSE(read_carrier(foreign)) << foreign;
  }
  EXPECT_FALSE(read_carrier(write_carrier({}, "gemini-3-pro-preview", false)));
}

TEST(ResponsesMemory, KnowsWhoseItemItIs) {
  EXPECT_EQ(response_of_item("msg_abcdefghijklmnopqrstuvwx0"), "resp_abcdefghijklmnopqrstuvwx");
  EXPECT_EQ(response_of_item("rs_abcdefghijklmnopqrstuvwx12"), "resp_abcdefghijklmnopqrstuvwx");
  for (const char* foreign : {"", "msg", "msg_1", "msg_abcdefghijklmnopqrstuvwx", "_"}) {
    EXPECT_EQ(response_of_item(foreign), "") << foreign;
  }
}

// Chunks of every kind in any order: the events stay in their grammar.
class RandomAnswer : public testing::TestWithParam<std::uint32_t> {};

TEST_P(RandomAnswer, KeepsTheGrammar) {
  std::mt19937 random(GetParam());
  const std::vector<std::string> parts = {
      R"({"text":"Hello "})",
      R"({"text":"\u00e4\n\"x\"","thoughtSignature":"U0lH"})",
      R"({"text":"","thoughtSignature":"U0lH"})",
      R"({"text":"Hm. ","thought":true})",
      R"({"functionCall":{"name":"f","args":{"a":"b"}}})",
      R"({"functionCall":{"name":"f","args":{}},"thoughtSignature":"U0lH"})",
      R"({"functionCall":{"name":"c","args":{"input":"x"}}})",
      R"({"functionCall":{"name":"n__g","args":{}}})",
      R"({"functionCall":{"name":"shell","args":{"commands":["ls"]}}})",
      R"({"functionCall":{"name":"apply_patch","args":{"type":"update_file","path":"a","diff":"+b"}}})",
      R"({"inlineData":{"mimeType":"image/png","data":"iVBO"},"thoughtSignature":"U0lH"})",
      R"({"inlineData":{"mimeType":"audio/wav","data":"UklG"}})",
      R"({"executableCode":{"language":"PYTHON","code":"x = 1"}})",
      R"({"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}})",
      R"({"brandNew":{}})"};
  const std::vector<std::string> ends = {"STOP",  "MAX_TOKENS", "SAFETY", "MALFORMED_FUNCTION_CALL",
                                         "OTHER", "BRAND_NEW"};
  const auto dialect = make_openai_responses();
  const auto parsed = parse(
      *dialect,
      R"({"model":"gemini-3-pro-preview","input":"Hi","stream":true,"tools":[{"type":"web_search"},)"
      R"({"type":"custom","name":"c"},{"type":"shell"},{"type":"apply_patch"},)"
      R"({"type":"namespace","name":"n","tools":[{"type":"function","name":"g"}]}]})");
  ASSERT_TRUE(parsed->lower({.name = "gemini-3-pro-preview"}, {}));
  for (int round = 0; round < 50; ++round) {
    const auto encoder = parsed->encoder(kContext);
    gemini::Tally tally;
    std::string out;
    const auto give = [&](const std::string& text) {
      const auto chunk = Buffer::copy_of(text);
      return encoder->frame({.json = chunk->padded(), .wire = text}, tally, out);
    };
    for (auto n = random() % 12; n != 0; --n) {
      std::string chunk =
          R"({"candidates":[{"content":{"parts":[)" + parts[random() % parts.size()];
      if (random() % 3 == 0) chunk += "," + parts[random() % parts.size()];
      chunk += "]}";
      if (random() % 4 == 0) {
        chunk +=
            R"(,"groundingMetadata":{"webSearchQueries":["q"],"groundingChunks":[{"web":{"uri":"https://a.example","title":"A"}}],)"
            R"("groundingSupports":[{"segment":{"endIndex":5},"groundingChunkIndices":[0]}]})";
      }
      ASSERT_TRUE(give(chunk + "}]}"));
      if (random() % 5 == 0) encoder->heartbeat(out);
    }
    if (random() % 6 != 0) {
      ASSERT_TRUE(
          give(R"({"candidates":[{"finishReason":")" + ends[random() % ends.size()] + R"("}]})"));
    }
    if (const auto finished = encoder->finish(tally, out); !finished) {
      encoder->error(finished.error(), out);
    }
    ASSERT_EQ(test::EventGrammar::problem(out), "") << out;
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomAnswer, testing::Range(0u, 20u));

// The grammar itself sees what is wrong.
TEST(ResponsesGrammar, FindsWhatIsWrong) {
  const auto dialect = make_openai_responses();
  const auto parsed = parse(*dialect, R"({"model":"m","input":"Hi","stream":true})");
  const auto encoder = parsed->encoder(kContext);
  gemini::Tally tally;
  std::string good;
  constexpr std::string_view kChunk =
      R"({"candidates":[{"content":{"parts":[{"text":"Hello"}]},"finishReason":"STOP"}]})";
  const auto chunk = Buffer::copy_of(kChunk);
  ASSERT_TRUE(encoder->frame({.json = chunk->padded(), .wire = kChunk}, tally, good));
  ASSERT_TRUE(encoder->finish(tally, good));
  ASSERT_EQ(test::EventGrammar::problem(good), "");
  const auto with = [&good](std::string_view from, std::string_view to) {
    std::string changed = good;
    changed.replace(changed.find(from), from.size(), to);
    return test::EventGrammar::problem(changed);
  };
  EXPECT_NE(with(R"("sequence_number":4)", R"("sequence_number":5)"), "");
  EXPECT_NE(with(R"("delta":"Hello")", R"("delta":"Hell")"), "");
  EXPECT_NE(with(R"("output_index":0)", R"("output_index":1)"), "");
  EXPECT_NE(with("event: response.in_progress", "event: response.queued"), "");
  EXPECT_NE(with(R"("status":"completed","role")", R"("status":"in_progress","role")"), "");
  EXPECT_NE(with(R"("text":"Hello","annotations")", R"("text":"Hullo","annotations")"), "");
  EXPECT_NE(test::EventGrammar::problem(good.substr(0, good.find("event: response.completed"))),
            "");
  EXPECT_NE(test::EventGrammar::problem(good + "event: x\ndata: {\"type\":\"x\"}\n\n"), "");
}

}  // namespace
}  // namespace wasat::dialect::openai_responses
