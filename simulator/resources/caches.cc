#include "simulator/resources/caches.h"

#include <utility>

#include "simulator/resources/description.h"

namespace wasat::simulator {
namespace {

std::int64_t time_to_live(const Asked& asked) {
  return seconds_of(asked.body["ttl"].string_or(""), 3600);
}

}  // namespace

Outcome create_cache(const Asked& asked) {
  Holding cache = asked.made(asked.holdings.new_name("cachedContents/"));
  cache.ends = cache.made + time_to_live(asked);
  json::Writer(cache.json).string(asked.body["model"].string_or(""));
  return asked.keep(std::move(cache));
}

Outcome prolong_cache(const Asked& asked, Holding cache) {
  cache.ends = now_seconds() + time_to_live(asked);
  return asked.keep(std::move(cache));
}

std::string cache_json(const Holding& cache) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_common(writer, cache);
  writer.member_raw("usageMetadata", R"({"totalTokenCount":4096})").end_object();
  return out;
}

}  // namespace wasat::simulator
