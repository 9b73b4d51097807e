#include <benchmark/benchmark.h>

#include <string>

#include "dialect/openai_responses/dialect.h"

namespace {

using namespace wasat;
using dialect::openai_responses::make_openai_responses;

const std::string kFrame =
    R"({"candidates": [{"content": {"parts": [{"text": " a few words of an answer,\n as they come in one event"}],)"
    R"("role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 34,)"
    R"("totalTokenCount": 46,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},)"
    R"("modelVersion": "gemini-2.5-flash"})";

std::shared_ptr<Buffer> request(bool stream) {
  return Buffer::copy_of(
      std::string(R"({"model":"gemini-2.5-flash","instructions":"Be brief.","input":[)") +
      R"({"role":"user","content":"What is the highest mountain of Switzerland, and how high is it?"}],)" +
      R"("temperature":0.5,"max_output_tokens":1000,"stream":)" + (stream ? "true}" : "false}"));
}

std::unique_ptr<dialect::Parsed> parse(const dialect::Dialect& dialect,
                                       std::shared_ptr<const Buffer> body) {
  return std::move(
      *dialect.parse({.http_method = "POST", .path = "/responses", .body = std::move(body)}));
}

void BM_ResponsesFrame(benchmark::State& state) {
  const auto dialect = make_openai_responses({});
  const auto parsed = parse(*dialect, request(true));
  auto encoder = parsed->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  const auto json = Buffer::copy_of(kFrame);
  gemini::Tally tally;
  std::string out;
  int frames = 0;
  for (auto _ : state) {
    out.clear();
    if (++frames % 1000 == 0) {  // an answer is long, but not endless
      encoder = parsed->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
    }
    benchmark::DoNotOptimize(encoder->frame({.json = json->padded(), .wire = kFrame}, tally, out));
  }
}
BENCHMARK(BM_ResponsesFrame);

void BM_ResponsesRequest(benchmark::State& state) {
  const auto dialect = make_openai_responses({});
  const auto body = request(false);
  for (auto _ : state) {
    const auto parsed = parse(*dialect, body);
    benchmark::DoNotOptimize(parsed->lower({.name = "gemini-2.5-flash"}, {}));
  }
}
BENCHMARK(BM_ResponsesRequest);

void BM_ResponsesUnaryAnswer(benchmark::State& state) {
  const auto dialect = make_openai_responses({});
  std::string answer = kFrame;
  answer.insert(answer.find(R"("index": 0)"), R"("finishReason": "STOP",)");
  const auto json = Buffer::copy_of(answer);
  const auto parsed = parse(*dialect, request(false));
  std::string out;
  for (auto _ : state) {
    out.clear();
    const auto encoder = parsed->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
    gemini::Tally tally;
    benchmark::DoNotOptimize(encoder->frame({.json = json->padded(), .wire = answer}, tally, out));
    benchmark::DoNotOptimize(encoder->finish(tally, out));
  }
}
BENCHMARK(BM_ResponsesUnaryAnswer);

// As an agent sends it: forty tools, a hundred items.
void BM_ResponsesAgentRequest(benchmark::State& state) {
  const auto dialect = make_openai_responses({});
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
  const auto body = Buffer::copy_of(text);
  for (auto _ : state) {
    const auto parsed = parse(*dialect, body);
    benchmark::DoNotOptimize(parsed->lower({.name = "gemini-2.5-flash"}, {}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body->size()));
}
BENCHMARK(BM_ResponsesAgentRequest);

void BM_ResponsesImage20M(benchmark::State& state) {
  const auto dialect = make_openai_responses({});
  const auto body = Buffer::copy_of(
      R"({"model":"gemini-2.5-flash","input":[{"role":"user","content":[{"type":"input_image",)"
      R"("image_url":"data:image/png;base64,)" +
      std::string(20u << 20, 'A') + R"("}]}]})");
  for (auto _ : state) {
    const auto parsed = parse(*dialect, body);
    benchmark::DoNotOptimize(parsed->lower({.name = "gemini-2.5-flash"}, {}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body->size()));
}
BENCHMARK(BM_ResponsesImage20M);

}  // namespace
