#include <benchmark/benchmark.h>

#include "account/token_table.h"

namespace wasat::account {
namespace {

void find_a_token(benchmark::State& state) {
  const HmacKey key(Secret("a key for the hashes of tokens..."));
  std::vector<store::Token> rows;
  rows.reserve(1001);
  for (int i = 0; i < 1000; ++i)
    rows.push_back(make_token("id", "name", Allowed::owned(), key, {}).row);
  const NewToken wanted = make_token("id", "name", Allowed::owned(), key, {});
  rows.push_back(wanted.row);
  const TokenTable table(rows, {}, Allowed::none(), key);
  for (auto _ : state) benchmark::DoNotOptimize(table.find(wanted.text.reveal()));
}
BENCHMARK(find_a_token);

}  // namespace
}  // namespace wasat::account
