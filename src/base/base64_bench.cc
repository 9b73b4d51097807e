#include <benchmark/benchmark.h>
#include <openssl/evp.h>

#include "base/base64.h"

namespace wasat {
namespace {

constexpr std::size_t kBytes = 4u << 20;

void encode(benchmark::State& state) {
  const std::string bytes(kBytes, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(to_base64(bytes));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK(encode);

void decode(benchmark::State& state) {
  const std::string text = to_base64(std::string(kBytes, 'x'));
  for (auto _ : state) benchmark::DoNotOptimize(from_base64(text));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK(decode);

// What OpenSSL would do.
void encode_by_openssl(benchmark::State& state) {
  const std::string bytes(kBytes, 'x');
  std::string out(base64_size(kBytes) + 1, '\0');
  for (auto _ : state) {
    benchmark::DoNotOptimize(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                             reinterpret_cast<const unsigned char*>(bytes.data()),
                                             static_cast<int>(bytes.size())));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}
BENCHMARK(encode_by_openssl);

}  // namespace
}  // namespace wasat
