#include <benchmark/benchmark.h>

#include <string>

#include "dialect/dialect_bench.h"
#include "dialect/openai_chat/dialect.h"

namespace {

using namespace wasat;
using namespace dialect::bench;
using dialect::openai_chat::make_openai_chat;

Measured measured() { return {.dialect = make_openai_chat(), .path = "/chat/completions"}; }

std::string request(bool stream) {
  return std::string(
             R"({"model":"gemini-2.5-flash","messages":[{"role":"system","content":"Be brief."},)") +
         R"({"role":"user","content":"What is the highest mountain of Switzerland, and how high is it?"}],)" +
         R"("temperature":0.5,"max_tokens":1000,"stream":)" + (stream ? "true}" : "false}");
}

void BM_ChatFrame(benchmark::State& state) { measure_frames(state, measured(), request(true)); }
BENCHMARK(BM_ChatFrame);

void BM_ChatRequest(benchmark::State& state) {
  measure_request(state, measured(), request(false), "gemini-2.5-flash");
}
BENCHMARK(BM_ChatRequest);

void BM_ChatUnaryAnswer(benchmark::State& state) {
  measure_answer(state, measured(), request(false));
}
BENCHMARK(BM_ChatUnaryAnswer);

void BM_ChatImage20M(benchmark::State& state) {
  measure_request(
      state, measured(),
      R"({"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"image_url",)"
      R"("image_url":{"url":"data:image/png;base64,)" +
          large_image() + R"("}}]}]})",
      "gemini-2.5-flash");
}
BENCHMARK(BM_ChatImage20M);

}  // namespace
