// Finding the structure of a JSON text with simdjson.
//
// Only simdjson's first stage is used: it checks UTF-8 and control characters
// and gives the offsets of all tokens at several GB/s. Its on-demand interface
// on top of that hides keys' spans and checks lazily, so the walk over the
// tokens is our own (reader.cc).

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

namespace wasat::json {

class StructureIndexer {
 public:
  StructureIndexer();
  ~StructureIndexer();
  StructureIndexer(const StructureIndexer&) = delete;
  StructureIndexer& operator=(const StructureIndexer&) = delete;

  // Offsets where tokens start: brackets, colons, commas, opening quotes and the
  // first bytes of other scalars. Never reads behind `text`. Valid until the next call.
  // On failure `*problem` is set (a phrase for people) and nothing is returned.
  std::span<const std::uint32_t> index(std::string_view text, const char** problem);

  std::size_t capacity() const;
  void release();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wasat::json
