// Any split of a stream gives the same events.

#include <cstdlib>

#include "http/sse.h"

namespace {

using wasat::Buffer;
using wasat::http::SseEvent;
using wasat::http::SseReader;

std::string read(std::string_view stream, std::size_t piece) {
  std::string all;
  SseReader reader(1 << 20);
  std::vector<SseEvent> events;
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto part = Buffer::copy_of(stream.substr(at, piece));
    events.clear();
    reader.feed(part->view(), events);
    for (const SseEvent& event : events) all.append(event.data.view()).append("\1");
  }
  events.clear();
  reader.finish(events);
  for (const SseEvent& event : events) all.append(event.data.view()).append("\1");
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (read(stream, stream.size()) != read(stream, 1 + data[0] % 16)) std::abort();
  return 0;
}
