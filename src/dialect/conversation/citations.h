// Sources of a grounded answer, from Gemini's groundingMetadata.
//
// Gemini counts UTF-8 bytes within one part, clients characters within the whole
// content. So one bit is kept per byte of the content (whether a character
// begins there), only for answers that may search.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace wasat::dialect {

class TextPositions {
 public:
  // A part of the upstream's content begins. Thoughts and calls count as parts.
  void begin_part(bool visible);
  // Text that goes into the client's content, as it stands in JSON.
  void append(std::string_view escaped);

  // Characters of the content before byte `offset` of part `index`.
  std::int64_t characters_before(std::size_t index, std::size_t offset) const;

 private:
  struct Part {
    std::size_t begin;  // byte in the content
    bool visible;
  };
  void append_bytes(std::size_t bytes);  // of one character

  std::vector<std::uint64_t> starts_;
  std::size_t bytes_ = 0;
  std::vector<Part> parts_;
};

// One place of the content and one page that it rests on.
struct Citation {
  std::int64_t start = 0;  // characters of the content
  std::int64_t end = 0;
  std::size_t page = 0;    // index in groundingChunks
  std::string_view url;    // escaped
  std::string_view title;  // escaped
  std::string_view cited;  // the content's own words, escaped; may be empty
};

// In the order of groundingSupports. Views point into `grounding`.
std::vector<Citation> read_citations(json::Value grounding, const TextPositions& positions);

// The pages of groundingMetadata as a Markdown list to stand behind the text, escaped;
// empty if there are none.
std::string page_links(json::Value grounding);

}  // namespace wasat::dialect
