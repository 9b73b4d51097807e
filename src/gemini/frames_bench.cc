#include <benchmark/benchmark.h>

#include <string>

#include "gemini/frames.h"

namespace wasat::gemini {
namespace {

std::string frame_of(std::size_t text_bytes) {
  std::string frame = R"({"candidates": [{"content": {"parts": [{"text": ")";
  while (frame.size() < text_bytes) frame += "A sentence as models write them.\\n";
  return frame + R"("}],"role": "model"},"index": 0}],"usageMetadata": {"promptTokenCount": 7,)"
                 R"("candidatesTokenCount": 10,"totalTokenCount": 17,"promptTokensDetails": [)"
                 R"({"modality": "TEXT","tokenCount": 7}]},"modelVersion": "gemini-2.5-flash"})";
}

void read_one(benchmark::State& state) {
  const auto buffer = Buffer::copy_of(frame_of(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) {
    Tally tally;
    benchmark::DoNotOptimize(is_error_chunk(buffer->padded()));
    benchmark::DoNotOptimize(read_chunk(buffer->padded(), tally));
    benchmark::DoNotOptimize(tally);
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(buffer->size()) * state.iterations());
}
BENCHMARK(read_one)->Arg(0)->Arg(300)->Arg(4096)->Arg(1 << 20);

}  // namespace
}  // namespace wasat::gemini
