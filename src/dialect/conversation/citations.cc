#include "dialect/conversation/citations.h"

#include <algorithm>
#include <bit>

#include "base/percent.h"
#include "json/writer.h"

namespace wasat::dialect {
namespace {

// Of a valid \u escape at `at`.
unsigned code_unit(std::string_view text, std::size_t at) {
  unsigned unit = 0;
  for (std::size_t i = at + 2; i < at + 6; ++i) {
    unit = unit * 16 + static_cast<unsigned>(hex_digit(text[i]));
  }
  return unit;
}

// A grounding chunk's page: web, retrievedContext or maps.
json::Value page_of(json::Value chunk) {
  for (const json::Value kind : chunk) {
    if (kind["uri"].is_string()) return kind;
  }
  return {};
}

}  // namespace

void TextPositions::begin_part(bool visible) { parts_.push_back({bytes_, visible}); }

void TextPositions::append_bytes(std::size_t bytes) {
  starts_.resize((bytes_ + bytes + 63) / 64);
  starts_[bytes_ / 64] |= std::uint64_t{1} << bytes_ % 64;
  bytes_ += bytes;
}

void TextPositions::append(std::string_view escaped) {
  for (std::size_t i = 0; i < escaped.size();) {
    const auto c = static_cast<unsigned char>(escaped[i]);
    if (c != '\\') {
      const std::size_t length = c < 0x80 ? 1 : c < 0xE0 ? 2 : c < 0xF0 ? 3 : 4;
      append_bytes(length);
      i += length;
    } else if (escaped[i + 1] != 'u') {
      append_bytes(1);
      i += 2;
    } else {
      const unsigned unit = code_unit(escaped, i);
      i += 6;
      const bool pair = unit >= 0xD800 && unit < 0xDC00 && i + 6 <= escaped.size() &&
                        escaped[i] == '\\' && escaped[i + 1] == 'u';
      if (pair) i += 6;
      append_bytes(pair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3);
    }
  }
}

std::int64_t TextPositions::characters_before(std::size_t index, std::size_t offset) const {
  auto part = parts_.begin();
  if (index < parts_.size() && parts_[index].visible) {
    part += static_cast<std::ptrdiff_t>(index);
  } else {  // thoughts were not counted: the first text is meant
    part = std::ranges::find_if(parts_, &Part::visible);
  }
  const std::size_t begin = part == parts_.end() ? 0 : part->begin;
  const std::size_t end = std::min(bytes_, begin + std::min(offset, bytes_));
  std::int64_t characters = 0;
  for (std::size_t word = 0; word < end / 64; ++word) characters += std::popcount(starts_[word]);
  if (end % 64 != 0) {
    characters += std::popcount(starts_[end / 64] & ((std::uint64_t{1} << end % 64) - 1));
  }
  return characters;
}

std::vector<Citation> read_citations(json::Value grounding, const TextPositions& positions) {
  std::vector<json::Value> pages;
  for (const json::Value chunk : grounding["groundingChunks"]) pages.push_back(page_of(chunk));
  std::vector<Citation> citations;
  for (const json::Value support : grounding["groundingSupports"]) {
    const json::Value segment = support["segment"];
    const auto number = [&segment](std::string_view name) {  // zeros are left out
      return static_cast<std::size_t>(
          std::max<std::int64_t>(0, segment[name].integer().value_or(0)));
    };
    const std::size_t part = number("partIndex");
    for (const json::Value chosen : support["groundingChunkIndices"]) {
      const std::int64_t index = chosen.integer().value_or(-1);
      if (index < 0 || index >= static_cast<std::int64_t>(pages.size())) continue;
      const json::Value page = pages[static_cast<std::size_t>(index)];
      if (!page) continue;
      citations.push_back({.start = positions.characters_before(part, number("startIndex")),
                           .end = positions.characters_before(part, number("endIndex")),
                           .page = static_cast<std::size_t>(index),
                           .url = page["uri"].escaped(),
                           .title = page["title"].escaped(),
                           .cited = segment["text"].escaped()});
    }
  }
  return citations;
}

std::string page_links(json::Value grounding) {
  std::string links;
  std::vector<std::string_view> known;
  for (const json::Value chunk : grounding["groundingChunks"]) {
    const json::Value page = page_of(chunk);
    const std::string_view url = page["uri"].escaped();
    if (url.empty() || std::ranges::find(known, url) != known.end()) continue;
    known.push_back(url);
    const std::string_view title = page["title"].escaped();
    links += links.empty() ? "\\n\\n- [" : "\\n- [";
    links += title.empty() ? url : title;
    links.append("](").append(url).append(")");
  }
  return links;
}

}  // namespace wasat::dialect
