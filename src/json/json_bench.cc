#include <benchmark/benchmark.h>

#include <string>

#include "json/reader.h"
#include "json/writer.h"

namespace {

using namespace wasat;

const std::string kChunk =
    R"({"candidates": [{"content": {"parts": [{"text": " a few words of an answer,\n as they come in one event"}],)"
    R"("role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 34,)"
    R"("totalTokenCount": 46,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},)"
    R"("modelVersion": "gemini-2.5-flash","responseId": "l0kqaa3nIo2kvdIP4OTgyQE"})";

std::string tools(std::size_t bytes) {
  std::string text = R"({"tools":[)";
  for (int i = 0; text.size() < bytes; ++i) {
    if (i != 0) text += ',';
    text +=
        R"({"type":"function","function":{"name":"tool_)" + std::to_string(i) +
        R"(","description":"Reads a file from the disk.\nUse it \"often\", and with care. It takes )"
        R"(an absolute path and gives up to two thousand lines from its beginning.","parameters":)"
        R"({"type":"object","properties":{"path":{"type":"string","description":"An absolute path"},)"
        R"("offset":{"type":"integer","minimum":0},"limit":{"type":"number"}},"required":["path"],)"
        R"("additionalProperties":false}}})";
  }
  return text + "]}";
}

void parse(benchmark::State& state, const std::string& text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  for (auto _ : state) benchmark::DoNotOptimize(document.parse(buffer->padded()));
  state.SetBytesProcessed(static_cast<std::int64_t>(text.size()) * state.iterations());
}

void BM_JsonParseChunk(benchmark::State& state) { parse(state, kChunk); }
BENCHMARK(BM_JsonParseChunk);

void BM_JsonParseTools76K(benchmark::State& state) { parse(state, tools(76'000)); }
BENCHMARK(BM_JsonParseTools76K);

void BM_JsonParseImage20M(benchmark::State& state) {
  parse(state, R"({"url":"data:image/png;base64,)" + std::string(20u << 20, 'A') + "\"}");
}
BENCHMARK(BM_JsonParseImage20M);

void BM_JsonReadChunkText(benchmark::State& state) {
  const auto buffer = Buffer::copy_of(kChunk);
  json::Document document;
  for (auto _ : state) {
    const json::Value root = *document.parse(buffer->padded());
    for (const json::Value candidate : root["candidates"]) {
      for (const json::Value part : candidate["content"]["parts"]) {
        benchmark::DoNotOptimize(part["text"].escaped());
      }
    }
    benchmark::DoNotOptimize(root["usageMetadata"]["totalTokenCount"].integer());
  }
}
BENCHMARK(BM_JsonReadChunkText);

void BM_JsonAppendString4K(benchmark::State& state) {
  const std::string text(4096, 'x');
  std::string out;
  for (auto _ : state) {
    out.clear();
    json::append_string(out, text);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(4096 * state.iterations());
}
BENCHMARK(BM_JsonAppendString4K);

}  // namespace
