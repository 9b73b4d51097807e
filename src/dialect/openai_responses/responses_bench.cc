#include <benchmark/benchmark.h>

#include <string>

#include "dialect/dialect_bench.h"
#include "dialect/openai_responses/dialect.h"

namespace {

using namespace wasat;
using namespace dialect::bench;
using dialect::openai_responses::make_openai_responses;

Measured measured() { return {.dialect = make_openai_responses(), .path = "/responses"}; }

std::string request(bool stream) {
  return std::string(R"({"model":"gemini-2.5-flash","instructions":"Be brief.","input":[)") +
         R"({"role":"user","content":"What is the highest mountain of Switzerland, and how high is it?"}],)" +
         R"("temperature":0.5,"max_output_tokens":1000,"stream":)" + (stream ? "true}" : "false}");
}

void BM_ResponsesFrame(benchmark::State& state) {
  measure_frames(state, measured(), request(true));
}
BENCHMARK(BM_ResponsesFrame);

void BM_ResponsesRequest(benchmark::State& state) {
  measure_request(state, measured(), request(false), "gemini-2.5-flash");
}
BENCHMARK(BM_ResponsesRequest);

void BM_ResponsesUnaryAnswer(benchmark::State& state) {
  measure_answer(state, measured(), request(false));
}
BENCHMARK(BM_ResponsesUnaryAnswer);

// As an agent sends it: forty tools, a hundred items.
void BM_ResponsesAgentRequest(benchmark::State& state) {
  std::string text = R"({"model":"gemini-2.5-flash","store":false,"tools":[)";
  for (int i = 0; i < 40; ++i) {
    text +=
        R"({"type":"function","name":"tool)" + std::to_string(i) + R"(","description":")" +
        std::string(800, 'd') +
        R"(","parameters":{"type":"object","properties":{"path":{"type":"string","description":"x"},)"
        R"("limit":{"type":"integer"}},"required":["path"],"additionalProperties":false}},)";
  }
  text.back() = ']';
  text += R"(,"input":[{"role":"developer","content":[{"type":"input_text","text":")" +
          std::string(16000, 's') + R"("}]},{"role":"user","content":"Go."})";
  for (int i = 0; i < 50; ++i) {
    const std::string id = "call_" + std::to_string(i);
    text +=
        R"(,{"type":"function_call","call_id":")" + id +
        R"(","name":"tool1","arguments":"{\"path\":\"a\"}"},{"type":"function_call_output","call_id":")" +
        id + R"(","output":")" + std::string(400, 'o') + R"("})";
  }
  text += "]}";
  measure_request(state, measured(), text, "gemini-2.5-flash");
}
BENCHMARK(BM_ResponsesAgentRequest);

void BM_ResponsesImage20M(benchmark::State& state) {
  measure_request(
      state, measured(),
      R"({"model":"gemini-2.5-flash","input":[{"role":"user","content":[{"type":"input_image",)"
      R"("image_url":"data:image/png;base64,)" +
          large_image() + R"("}]}]})",
      "gemini-2.5-flash");
}
BENCHMARK(BM_ResponsesImage20M);

}  // namespace
