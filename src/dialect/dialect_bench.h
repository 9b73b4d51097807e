// What the benchmarks of the dialects measure alike: a chunk of a stream, a request, a
// whole answer.

#pragma once

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "dialect/dialect.h"

namespace wasat::dialect::bench {

// As it comes in one event.
inline const std::string kChunk =
    R"({"candidates": [{"content": {"parts": [{"text": " a few words of an answer,\n as they come in one event"}],)"
    R"("role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 12,"candidatesTokenCount": 34,)"
    R"("totalTokenCount": 46,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 12}]},)"
    R"("modelVersion": "gemini-2.5-flash"})";

// A JSON string's content: an image of 20 MiB in base64.
inline std::string large_image() { return std::string(20u << 20, 'A'); }

// One dialect and the path that its requests go to.
struct Measured {
  std::unique_ptr<Dialect> dialect;
  std::string_view path;

  std::unique_ptr<Parsed> parse(std::shared_ptr<const Buffer> body) const {
    return std::move(*dialect->parse(
        {.http_method = "POST", .path = path, .query = {}, .body = std::move(body)}));
  }
};

inline std::unique_ptr<Encoder> encoder_of(Parsed& parsed) {
  return parsed.encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
}

// Chunks of the answer to `request`, which asks for a stream.
inline void measure_frames(benchmark::State& state, const Measured& measured,
                           std::string_view request) {
  const auto parsed = measured.parse(Buffer::copy_of(request));
  auto encoder = encoder_of(*parsed);
  const auto json = Buffer::copy_of(kChunk);
  gemini::Tally tally;
  std::string out;
  int frames = 0;
  for (auto _ : state) {
    out.clear();
    if (++frames % 1000 == 0) encoder = encoder_of(*parsed);  // an answer is long, not endless
    benchmark::DoNotOptimize(encoder->frame({.json = json->padded(), .wire = kChunk}, tally, out));
  }
}

// From the client's bytes to the call.
inline void measure_request(benchmark::State& state, const Measured& measured,
                            std::string_view request, std::string_view model) {
  const std::shared_ptr<const Buffer> body = Buffer::copy_of(request);
  for (auto _ : state) {
    const auto parsed = measured.parse(body);
    benchmark::DoNotOptimize(parsed->lower({.name = model, .derived = {}}, {}));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body->size()));
}

// A short answer to `request`, which does not ask for a stream.
inline void measure_answer(benchmark::State& state, const Measured& measured,
                           std::string_view request) {
  std::string answer = kChunk;
  answer.insert(answer.find(R"("index": 0)"), R"("finishReason": "STOP",)");
  const auto json = Buffer::copy_of(answer);
  const auto parsed = measured.parse(Buffer::copy_of(request));
  std::string out;
  for (auto _ : state) {
    out.clear();
    const auto encoder = encoder_of(*parsed);
    gemini::Tally tally;
    benchmark::DoNotOptimize(encoder->frame({.json = json->padded(), .wire = answer}, tally, out));
    benchmark::DoNotOptimize(encoder->finish(tally, out));
  }
}

}  // namespace wasat::dialect::bench
