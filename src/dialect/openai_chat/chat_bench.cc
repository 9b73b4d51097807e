#include <benchmark/benchmark.h>

#include <string>

#include "dialect/openai_chat/dialect.h"

namespace {

using namespace wasat;
using dialect::openai_chat::make_openai_chat;

const std::string kFrame =
    R"({"candidates": [{"content": {"parts": [{"text": " a few words of an answer,\n as they come in one event"}],)"
    R"("role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 34,)"
    R"("totalTokenCount": 46,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},)"
    R"("modelVersion": "gemini-2.5-flash"})";

std::shared_ptr<Buffer> request(bool stream) {
  return Buffer::copy_of(
      std::string(
          R"({"model":"gemini-2.5-flash","messages":[{"role":"system","content":"Be brief."},)") +
      R"({"role":"user","content":"What is the highest mountain of Switzerland, and how high is it?"}],)" +
      R"("temperature":0.5,"max_tokens":1000,"stream":)" + (stream ? "true}" : "false}"));
}

std::unique_ptr<dialect::Parsed> parse(const dialect::Dialect& chat,
                                       std::shared_ptr<const Buffer> body) {
  return std::move(
      *chat.parse({.http_method = "POST", .path = "/chat/completions", .body = std::move(body)}));
}

void BM_ChatFrame(benchmark::State& state) {
  const auto chat = make_openai_chat({});
  const auto encoder =
      parse(*chat, request(true))->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  const auto json = Buffer::copy_of(kFrame);
  gemini::Tally tally;
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(encoder->frame({.json = json->padded(), .wire = kFrame}, tally, out));
  }
}
BENCHMARK(BM_ChatFrame);

void BM_ChatRequest(benchmark::State& state) {
  const auto chat = make_openai_chat({});
  const auto body = request(false);
  for (auto _ : state) {
    const auto parsed = parse(*chat, body);
    benchmark::DoNotOptimize(parsed->lower({.name = "gemini-2.5-flash"}, {}));
  }
}
BENCHMARK(BM_ChatRequest);

void BM_ChatUnaryAnswer(benchmark::State& state) {
  const auto chat = make_openai_chat({});
  const auto body = request(false);
  std::string answer = kFrame;
  answer.insert(answer.find(R"("index": 0)"), R"("finishReason": "STOP",)");
  const auto json = Buffer::copy_of(answer);
  const auto parsed = parse(*chat, body);
  std::string out;
  for (auto _ : state) {
    out.clear();
    const auto encoder = parsed->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
    gemini::Tally tally;
    benchmark::DoNotOptimize(encoder->frame({.json = json->padded(), .wire = answer}, tally, out));
    benchmark::DoNotOptimize(encoder->finish(tally, out));
  }
}
BENCHMARK(BM_ChatUnaryAnswer);

void BM_ChatImage20M(benchmark::State& state) {
  const auto chat = make_openai_chat({});
  const auto body = Buffer::copy_of(
      R"({"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"image_url",)"
      R"("image_url":{"url":"data:image/png;base64,)" +
      std::string(20u << 20, 'A') + R"("}}]}]})");
  for (auto _ : state) {
    const auto parsed = parse(*chat, body);
    benchmark::DoNotOptimize(parsed->lower({.name = "gemini-2.5-flash"}, {}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body->size()));
}
BENCHMARK(BM_ChatImage20M);

}  // namespace
