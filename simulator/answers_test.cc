// What the simulator says when nothing goes wrong.

#include <set>

#include "simulator/media.h"
#include "simulator/simulator_test.h"

namespace wasat::simulator::test {
namespace {

class SimulatorAnswers : public SimulatorTest {};

std::string text_request(std::string_view text, std::string_view more = {}) {
  return R"({"contents":[{"role":"user","parts":[{"text":")" + std::string(text) + R"("}]}])" +
         std::string(more) + "}";
}

const std::string kWeather =
    R"(,"tools":[{"functionDeclarations":[{"name":"get_weather","parameters":{"type":"OBJECT",)"
    R"("properties":{"city":{"type":"STRING"},"days":{"type":"INTEGER","maximum":7}},)"
    R"("required":["city"]}},{"name":"get_time"}]}])";

json::Value parts_of(const Parsed& answer) {
  return at(answer["candidates"], 0)["content"]["parts"];
}

TEST_F(SimulatorAnswers, UnaryTextIsAFriendlyEcho) {
  const Answered answered = ask({.target = kUnary});
  EXPECT_EQ(answered.status, 200);
  EXPECT_EQ(answered.content_type, "application/json; charset=UTF-8");
  EXPECT_TRUE(answered.body.starts_with("{\n  \"candidates\": [\n    {\n")) << answered.body;
  EXPECT_TRUE(answered.body.ends_with("}\n"));
  const Parsed answer(answered.body);
  EXPECT_NE(at(parts_of(answer), 0)["text"].string_or("").find("“Hi”"), std::string_view::npos);
  const json::Value usage = answer["usageMetadata"];
  EXPECT_EQ(usage["totalTokenCount"].integer(), *usage["promptTokenCount"].integer() +
                                                    *usage["candidatesTokenCount"].integer() +
                                                    *usage["thoughtsTokenCount"].integer());
}

TEST_F(SimulatorAnswers, TheSameRequestGetsTheSameAnswer) {
  const auto answers = ask_all({{.target = kStream}, {.target = kStream}, {.target = kStream3}});
  EXPECT_EQ(answers[0].body, answers[1].body);
  EXPECT_NE(answers[0].body, answers[2].body);
}

TEST_F(SimulatorAnswers, EventsAddUpToTheUnaryAnswer) {
  const auto answers = ask_all({{.target = kUnary}, {.target = kStream}});
  EXPECT_EQ(answers[1].content_type, "text/event-stream");
  std::string streamed;
  std::int64_t tokens = 0;
  const std::vector<std::string> chunks = events(answers[1].body);
  ASSERT_GT(chunks.size(), 2u);
  for (const std::string& event : chunks) {
    const Parsed chunk(event);
    streamed += at(parts_of(chunk), 0)["text"].string_or("");
    const std::int64_t so_far = *chunk["usageMetadata"]["candidatesTokenCount"].integer();
    EXPECT_GE(so_far, tokens);
    tokens = so_far;
    const bool last = &event == &chunks.back();
    EXPECT_EQ(static_cast<bool>(at(chunk["candidates"], 0)["finishReason"]), last);
  }
  const Parsed whole(answers[0].body);
  EXPECT_EQ(streamed, at(parts_of(whole), 0)["text"].string_or(""));
  EXPECT_EQ(tokens, whole["usageMetadata"]["candidatesTokenCount"].integer());
}

TEST_F(SimulatorAnswers, WithoutAltTheStreamIsAnArray) {
  const Answered answered = ask({.target = "/v1/models/gemini-2.5-flash:streamGenerateContent"});
  EXPECT_EQ(answered.content_type, "application/json; charset=UTF-8");
  EXPECT_NE(answered.body.find("\n}\n,\r\n{\n"), std::string::npos);
  const Parsed array(answered.body);
  EXPECT_TRUE((*array).is_array());
  EXPECT_GT((*array).size(), 2u);
}

TEST_F(SimulatorAnswers, ThoughtsAreShownWhenAskedFor) {
  const std::string config = R"(,"generationConfig":{"thinkingConfig":{"includeThoughts":true}})";
  const Answered answered = ask({.target = kStream3, .body = text_request("Hi", config)});
  const std::vector<std::string> chunks = events(answered.body);
  const Parsed first(chunks.front());
  EXPECT_EQ(at(parts_of(first), 0)["thought"].boolean(), true);
  const Parsed last(chunks.back());
  EXPECT_EQ(at(parts_of(last), 0)["text"].string(), "");
  EXPECT_GT(at(parts_of(last), 0)["thoughtSignature"].string_or("").size(), 40u);
  const Answered silent = ask({.target = kStream3});
  EXPECT_EQ(silent.body.find("\"thought\""), std::string::npos);
}

TEST_F(SimulatorAnswers, FunctionsAreCalledWhenThePromptNamesThem) {
  const Answered answered =
      ask({.target = kUnary3, .body = text_request("What is the weather in Paris?", kWeather)});
  const Parsed answer(answered.body);
  ASSERT_EQ(parts_of(answer).size(), 1u);
  const json::Value part = at(parts_of(answer), 0);
  EXPECT_EQ(part["functionCall"]["name"].string(), "get_weather");
  EXPECT_EQ(part["functionCall"]["args"]["city"].string(), "Paris");
  EXPECT_LE(part["functionCall"]["args"]["days"].integer(), 7);
  EXPECT_TRUE(part["thoughtSignature"].is_string());
  EXPECT_EQ(at(answer["candidates"], 0)["finishReason"].string(), "STOP");
  const Answered other = ask({.target = kUnary3, .body = text_request("Good evening!", kWeather)});
  EXPECT_EQ(other.body.find("functionCall"), std::string::npos);
}

TEST_F(SimulatorAnswers, SeveralPlacesMakeParallelCallsWithOneSignature) {
  const Answered answered =
      ask({.target = kUnary3, .body = text_request("The weather in Paris and London?", kWeather)});
  const Parsed answer(answered.body);
  ASSERT_EQ(parts_of(answer).size(), 2u);
  EXPECT_EQ(at(parts_of(answer), 0)["functionCall"]["args"]["city"].string(), "Paris");
  EXPECT_EQ(at(parts_of(answer), 1)["functionCall"]["args"]["city"].string(), "London");
  EXPECT_TRUE(at(parts_of(answer), 0)["thoughtSignature"]);
  EXPECT_FALSE(at(parts_of(answer), 1)["thoughtSignature"]);
}

TEST_F(SimulatorAnswers, ModesOfCalling) {
  const std::string any = kWeather + R"(,"toolConfig":{"functionCallingConfig":{"mode":"ANY",)"
                                     R"("allowedFunctionNames":["get_time"]}})";
  const Parsed forced(ask({.target = kUnary, .body = text_request("Hello", any)}).body);
  EXPECT_EQ(at(parts_of(forced), 0)["functionCall"]["name"].string(), "get_time");
  EXPECT_EQ(at(parts_of(forced), 0)["functionCall"]["args"].size(), 0u);
  const std::string none = kWeather + R"(,"toolConfig":{"functionCallingConfig":{"mode":"NONE"}})";
  EXPECT_EQ(
      ask({.target = kUnary, .body = text_request("weather?", none)}).body.find("functionCall"),
      std::string::npos);
}

TEST_F(SimulatorAnswers, FunctionAnswersAreQuoted) {
  const std::string body =
      R"({"contents":[{"role":"user","parts":[{"text":"Weather in Paris?"}]},)"
      R"({"role":"model","parts":[{"functionCall":{"name":"get_weather","args":{"city":"Paris"}},)"
      R"("thoughtSignature":"abcd"}]},)"
      R"({"role":"user","parts":[{"functionResponse":{"name":"get_weather",)"
      R"("response":{"celsius":21}}}]}])" +
      kWeather + "}";
  const Parsed answer(ask({.target = kUnary3, .body = body}).body);
  EXPECT_NE(at(parts_of(answer), 0)["text"].string_or("").find("{\"celsius\":21}"),
            std::string_view::npos);
}

TEST_F(SimulatorAnswers, SchemasAreObeyed) {
  const std::string config =
      R"(,"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":)"
      R"({"type":"object","properties":{"name":{"type":"string"},"kind":{"enum":["cat","dog"]},)"
      R"("age":{"type":"integer","minimum":3,"maximum":5},"tags":{"type":"array","items":)"
      R"({"type":"string"},"minItems":3},"owner":{"$ref":"#/$defs/person"}},)"
      R"("required":["name"],"$defs":{"person":{"type":"object","properties":)"
      R"({"email":{"type":"string","format":"email"},"friend":{"$ref":"#/$defs/person"}}}}}})";
  const Parsed answer(ask({.target = kUnary, .body = text_request("A dog", config)}).body);
  const Parsed value(*at(parts_of(answer), 0)["text"].string());
  EXPECT_TRUE(value["name"].is_string());
  EXPECT_EQ(value["kind"].string(), "dog");
  EXPECT_GE(value["age"].integer(), 3);
  EXPECT_LE(value["age"].integer(), 5);
  EXPECT_EQ(value["tags"].size(), 3u);
  EXPECT_NE(value["owner"]["email"].string_or("").find('@'), std::string_view::npos);
}

TEST_F(SimulatorAnswers, PicturesAndSoundsAreWhole) {
  const std::string wide = R"(,"generationConfig":{"imageConfig":{"aspectRatio":"16:9"}})";
  const Parsed picture(ask({.target = "/v1beta/models/gemini-2.5-flash-image:generateContent",
                            .body = text_request("A boat", wide)})
                           .body);
  const json::Value blob = at(parts_of(picture), 1)["inlineData"];
  EXPECT_EQ(blob["mimeType"].string(), "image/png");
  EXPECT_TRUE(blob["data"].string_or("").starts_with("iVBORw0KGgo"));
  EXPECT_EQ(at(picture["usageMetadata"]["candidatesTokensDetails"], 0)["modality"].string(),
            "IMAGE");
  const std::string bytes = png(128, 72, 7);
  EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(static_cast<unsigned char>(bytes[19]), 128u);
  EXPECT_EQ(static_cast<unsigned char>(bytes[23]), 72u);
  const Parsed sound(ask({.target = "/v1beta/models/gemini-2.5-flash-preview-tts:generateContent",
                          .body = text_request("Say hello")})
                         .body);
  EXPECT_EQ(at(parts_of(sound), 0)["inlineData"]["mimeType"].string(),
            "audio/L16;codec=pcm;rate=24000");
}

TEST_F(SimulatorAnswers, LimitsAndStopsEndTheText) {
  const Parsed cut(ask({.target = kUnary,
                        .body = text_request("Hi", R"(,"generationConfig":{"maxOutputTokens":8})")})
                       .body);
  EXPECT_EQ(at(cut["candidates"], 0)["finishReason"].string(), "MAX_TOKENS");
  const json::Value usage = cut["usageMetadata"];
  EXPECT_LE(*usage["candidatesTokenCount"].integer() + *usage["thoughtsTokenCount"].integer(), 8);
  const Parsed stopped(
      ask({.target = kUnary,
           .body = text_request("Hi", R"(,"generationConfig":{"stopSequences":["wrote"]})")})
          .body);
  EXPECT_EQ(at(parts_of(stopped), 0)["text"].string(), "Hello! You ");
  const Parsed exact(ask({.target = kUnary, .body = text_request("Say exactly: pelican")}).body);
  EXPECT_EQ(at(parts_of(exact), 0)["text"].string(), "pelican");
}

TEST_F(SimulatorAnswers, CandidatesAndLogprobsAndSources) {
  const std::string several = R"(,"generationConfig":{"candidateCount":2,"responseLogprobs":true})";
  const Parsed answer(ask({.target = kUnary, .body = text_request("Hi", several)}).body);
  ASSERT_EQ(answer["candidates"].size(), 2u);
  EXPECT_EQ(at(answer["candidates"], 1)["index"].integer(), 1);
  EXPECT_GT(at(answer["candidates"], 0)["logprobsResult"]["chosenCandidates"].size(), 1u);
  const Parsed grounded(
      ask({.target = kUnary, .body = text_request("Hi", R"(,"tools":[{"googleSearch":{}}])")})
          .body);
  const json::Value metadata = at(grounded["candidates"], 0)["groundingMetadata"];
  const json::Value segment = at(metadata["groundingSupports"], 0)["segment"];
  const std::string_view text = at(parts_of(grounded), 0)["text"].string_or("");
  EXPECT_EQ(text.substr(0, static_cast<std::size_t>(*segment["endIndex"].integer())),
            segment["text"].string_or("-"));
}

TEST_F(SimulatorAnswers, ModelsAreListedByPages) {
  std::set<std::string> names;
  std::string token;
  int pages = 0;
  do {
    const Parsed page(
        ask({.target = "/v1beta/models?pageSize=10&pageToken=" + token, .method = "GET"}).body);
    for (const json::Value model : page["models"]) names.emplace(model["name"].string_or(""));
    token = page["nextPageToken"].string_or("");
    ++pages;
  } while (!token.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  EXPECT_EQ(names.size(), 25u);
  EXPECT_TRUE(names.contains("models/gemini-2.5-flash"));
  const auto answers = ask_all({{.target = "/v1beta/models/gemini-2.5-pro", .method = "GET"},
                                {.target = "/v1beta/models/nothing", .method = "GET"},
                                {.target = "/v1beta/models?pageToken=nonsense", .method = "GET"}});
  EXPECT_EQ(Parsed(answers[0].body)["name"].string(), "models/gemini-2.5-pro");
  EXPECT_EQ(answers[1].status, 404);
  EXPECT_EQ(answers[2].status, 400);
}

TEST_F(SimulatorAnswers, VectorsAreUnitAndAlike) {
  const auto embed = [this](std::string_view text) {
    const Parsed answer(ask({.target = "/v1beta/models/gemini-embedding-001:embedContent",
                             .body = R"({"content":{"parts":[{"text":")" + std::string(text) +
                                     R"("}]},"outputDimensionality":256})"})
                            .body);
    std::vector<double> values;
    for (const json::Value value : answer["embedding"]["values"]) values.push_back(*value.number());
    return values;
  };
  const auto dot = [](const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) sum += a[i] * b[i];
    return sum;
  };
  const auto cats = embed("cats drink milk");
  ASSERT_EQ(cats.size(), 256u);
  EXPECT_NEAR(dot(cats, cats), 1, 1e-4);
  EXPECT_GT(dot(cats, embed("cats like milk")), dot(cats, embed("stocks fell today")) + 0.2);
  const Parsed batch(
      ask({.target = "/v1beta/models/gemini-embedding-2:batchEmbedContents",
           .body = R"({"requests":[{"model":"models/gemini-embedding-2","content":{"parts":[)"
                   R"({"text":"a"}]}},{"model":"models/gemini-embedding-2","content":{"parts":[)"
                   R"({"text":"b"}]}}]})"})
          .body);
  EXPECT_EQ(batch["embeddings"].size(), 2u);
  EXPECT_EQ(at(batch["embeddings"], 1)["values"].size(), 3072u);
}

TEST_F(SimulatorAnswers, TokensAreCounted) {
  const std::string target = "/v1beta/models/gemini-2.5-flash:countTokens";
  const auto answers = ask_all(
      {{.target = target, .body = text_request("12345678")},
       {.target = target,
        .body =
            R"({"generateContentRequest":{"model":"models/gemini-2.5-flash","contents":[)"
            R"({"parts":[{"text":"1234"},{"inlineData":{"mimeType":"image/png","data":""}}]}]}})"}});
  EXPECT_EQ(Parsed(answers[0].body)["totalTokens"].integer(), 2);
  EXPECT_EQ(Parsed(answers[1].body)["totalTokens"].integer(), 259);
}

TEST_F(SimulatorAnswers, FilesAreNone) {
  const auto answers = ask_all({{.target = "/v1beta/files", .method = "GET"},
                                {.target = "/v1beta/files/abc", .method = "GET"},
                                {.target = "/v1beta/unknown/abc", .method = "GET"}});
  EXPECT_EQ(answers[0].body, "{}\n");
  EXPECT_EQ(answers[1].status, 403);
  EXPECT_EQ(answers[2].status, 404);
}

TEST_F(SimulatorAnswers, KeysComeByHeaderOrQueryAndAreNeeded) {
  const auto answers = ask_all({{.target = kUnary + "?key=k", .key = ""},
                                {.target = kUnary, .key = ""},
                                {.target = kUnary, .key = "an-invalid-key"}});
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(answers[1].status, 403);
  EXPECT_EQ(answers[2].status, 400);
  EXPECT_NE(answers[2].body.find("API_KEY_INVALID"), std::string::npos);
}

class SimulatorWithKeys : public SimulatorTest {
 protected:
  SimulatorWithKeys() : SimulatorTest({.keys = {"one", "two"}}) {}
};

TEST_F(SimulatorWithKeys, OnlyTheseKeysAreServed) {
  const auto answers =
      ask_all({{.target = kUnary, .key = "two"}, {.target = kUnary, .key = "three"}});
  EXPECT_EQ(answers[0].status, 200);
  EXPECT_EQ(answers[1].status, 400);
}

}  // namespace
}  // namespace wasat::simulator::test
