#include <benchmark/benchmark.h>

#include "dialect/gemini/gemini.h"

namespace wasat::dialect::native {
namespace {

std::string body_of(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += "A sentence as people write them.\\n";
  return R"({"contents":[{"role":"user","parts":[{"text":")" + text +
         R"("}]}],"generationConfig":{"temperature":1}})";
}

void native_request(benchmark::State& state) {
  const auto dialect = make_gemini();
  const auto body = Buffer::copy_of(body_of(static_cast<std::size_t>(state.range(0))));
  for (auto _ : state) {
    const auto parsed =
        dialect->parse({.http_method = "POST",
                        .path = "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
                        .query = "alt=sse",
                        .body = body});
    benchmark::DoNotOptimize((*parsed)->lower({.name = (*parsed)->model}, {}));
  }
}
BENCHMARK(native_request)->Arg(100)->Arg(1000)->Arg(1 << 20);

}  // namespace
}  // namespace wasat::dialect::native
