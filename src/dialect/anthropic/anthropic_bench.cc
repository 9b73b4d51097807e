#include <benchmark/benchmark.h>

#include <string>

#include "dialect/anthropic/dialect.h"
#include "dialect/dialect_bench.h"

namespace {

using namespace wasat;
using namespace dialect::bench;
using dialect::anthropic::make_anthropic;

Measured measured() { return {.dialect = make_anthropic(), .path = "/messages"}; }

std::string small_request(bool stream) {
  return std::string(R"({"model":"gemini-2.5-flash","max_tokens":1000,"system":"Be brief.",)") +
         R"("messages":[{"role":"user","content":"What is the highest mountain of Switzerland, and )" +
         R"(how high is it?"}],"temperature":0.5,"stream":)" + (stream ? "true}" : "false}");
}

// The parts of a tool as Claude Code's are: a long description with line breaks,
// a dozen properties, and keywords that Gemini does not take.
std::string tool(int number, std::size_t size) {
  std::string text = R"({"name":"Tool)" + std::to_string(number) + R"(","description":")";
  std::string properties;
  for (int i = 0; i < 10; ++i) {
    properties +=
        std::string(i == 0 ? "" : ",") + R"("property_)" + std::to_string(i) +
        R"(":{"description":"What this one means, in a sentence or two.","type":)" +
        (i % 3 == 0 ? R"("integer","exclusiveMinimum":0,"maximum":9007199254740991})"
         : i % 3 == 1
             ? R"("string","enum":["low","medium","high"]})"
             : R"("array","items":{"type":"object","properties":{"file":{"type":"string"}}}})");
  }
  const std::string schema =
      R"(","input_schema":{"$schema":"https://json-schema.org/draft/2020-12/schema",)"
      R"("type":"object","properties":{)" +
      properties + R"(},"required":["property_0"],"additionalProperties":false}})";
  while (text.size() + schema.size() < size) {
    text += R"(Use this tool for what it is \"good\" for,\n and for nothing else. )";
  }
  return text + schema;
}

// 76 KB: 64 KB of tools, a system prompt of 7 KB, an environment, a tool's result.
std::string claude_code_request() {
  std::string tools;
  for (int i = 0; i < 22; ++i) tools += (i == 0 ? "" : ",") + tool(i, 2960);
  const auto prose = [](std::size_t size) {
    std::string text;
    while (text.size() < size) text += R"(You do what you are asked for.\n)";
    return text;
  };
  return std::string(R"({"model":"claude-opus-5-5","messages":[)") +
         R"({"role":"user","content":[{"type":"text","text":")" + prose(600) +
         R"("},{"type":"text","text":"say hello using bash"}]},{"role":"system","content":")" +
         prose(3000) + R"(","output_config":{"effort":"medium"}},{"role":"assistant","content":[)" +
         R"({"type":"thinking","thinking":"let me look","signature":"U0lHTkFUVVJF"},)" +
         R"({"type":"tool_use","id":"toolu_01gemini1","name":"Bash","input":{"command":"ls"}}]},)" +
         R"({"role":"user","content":[{"tool_use_id":"toolu_01gemini1","type":"tool_result",)" +
         R"("content":")" + prose(500) +
         R"(","cache_control":{"type":"ephemeral"}}]}],"system":[)" +
         R"({"type":"text","text":"x-anthropic-billing-header: cc_version=1;"},)" +
         R"({"type":"text","text":")" + prose(6500) +
         R"(","cache_control":{"type":"ephemeral"}}],"tools":[)" + tools +
         R"(],"max_tokens":128000,"thinking":{"type":"adaptive","display":"omitted"},)" +
         R"("output_config":{"effort":"medium"},"stream":true})";
}

void BM_AnthropicFrame(benchmark::State& state) {
  measure_frames(state, measured(), small_request(true));
}
BENCHMARK(BM_AnthropicFrame);

void BM_AnthropicRequest(benchmark::State& state) {
  measure_request(state, measured(), small_request(false), "gemini-2.5-flash");
}
BENCHMARK(BM_AnthropicRequest);

void BM_ClaudeCodeRequest76K(benchmark::State& state) {
  measure_request(state, measured(), claude_code_request(), "gemini-3-pro-preview");
}
BENCHMARK(BM_ClaudeCodeRequest76K);

void BM_AnthropicImage20M(benchmark::State& state) {
  measure_request(state, measured(),
                  R"({"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":)"
                  R"("image","source":{"type":"base64","media_type":"image/png","data":")" +
                      large_image() + R"("}}]}]})",
                  "gemini-2.5-flash");
}
BENCHMARK(BM_AnthropicImage20M);

void BM_AnthropicUnaryAnswer(benchmark::State& state) {
  measure_answer(state, measured(), small_request(false));
}
BENCHMARK(BM_AnthropicUnaryAnswer);

}  // namespace
