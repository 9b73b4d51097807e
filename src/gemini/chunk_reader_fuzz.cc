// An answer in pieces, in any split (first byte): every split tells the same, and no other than
// what read_chunk() reads of the whole; what is no JSON is refused.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/body.h"
#include "gemini/chunk_reader.h"
#include "gemini/frames.h"
#include "json/reader.h"

namespace {

using namespace wasat;

bool read(std::string_view text, std::uint32_t chance, gemini::Tally& tally) {
  gemini::ChunkReader reader;
  while (!text.empty()) {
    chance = chance * 1664525 + 1013904223;
    const std::size_t size = std::min<std::size_t>(text.size(), (chance >> 16) % 24);
    if (!reader.push(text.substr(0, size))) return false;
    text.remove_prefix(size);
  }
  return reader.finish(tally).has_value();
}

bool same(const gemini::Tally& a, const gemini::Tally& b) {
  const gemini::Usage& x = a.usage;
  const gemini::Usage& y = b.usage;
  // A reason that is longer than any is not kept.
  const bool reason = a.finish_reason == b.finish_reason || a.finish_reason.size() >= 64;
  return reason && a.content == b.content && a.finished == b.finished && x.prompt == y.prompt &&
         x.candidates == y.candidates && x.thoughts == y.thoughts &&
         x.tool_prompt == y.tool_prompt && x.cached == y.cached && x.total == y.total &&
         x.audio_prompt == y.audio_prompt && x.media_candidates == y.media_candidates;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = Buffer::copy_of(text);
  gemini::Tally tally;
  const bool good = read(text, data[0], tally);
  json::Document document;
  // It may be no UTF-8, of which the reader does not speak.
  const bool is_json = document.parse(whole->padded()).has_value();
  gemini::Tally expected;
  const bool expected_good = gemini::read_chunk(whole->padded(), expected).has_value();
  if (is_json && good != expected_good) std::abort();
  if (good && (!expected_good || !same(expected, tally))) std::abort();
  return 0;
}
