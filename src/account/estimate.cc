#include "account/estimate.h"

#include <algorithm>
#include <array>

#include "json/reader.h"

namespace wasat::account {
namespace {

constexpr std::size_t kBytesPerToken = 4;
constexpr std::size_t kShortestMedia = 2048;
constexpr std::int64_t kTokensOfMedia = 1120;
constexpr std::size_t kCharactersPerToken = 500;
constexpr std::size_t kSamples = 64;
constexpr std::size_t kMostParsed = 1u << 20;

constexpr bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '-' || c == '_' || c == '=';
}

// Of text so long, some of these places would hold a space or a letter that is not English.
bool looks_like_media(std::string_view text) {
  if (text.size() < kShortestMedia) return false;
  for (std::size_t i = 0; i < kSamples; ++i) {
    if (!is_base64(text[i * (text.size() - 1) / (kSamples - 1)])) return false;
  }
  return true;
}

}  // namespace

std::int64_t estimated_input(const Body& body) {
  std::int64_t media = 0;
  std::size_t text = 0;
  for (std::string_view piece : body.pieces()) {
    while (!piece.empty()) {
      const std::size_t end = std::min(piece.find('"'), piece.size());
      const std::string_view part = piece.substr(0, end);
      piece.remove_prefix(std::min(end + 1, piece.size()));
      if (looks_like_media(part)) {
        media += std::min(kTokensOfMedia + static_cast<std::int64_t>(end / kCharactersPerToken),
                          static_cast<std::int64_t>(end / kBytesPerToken));
      } else {
        text += end + 1;
      }
    }
  }
  return media + static_cast<std::int64_t>((text + kBytesPerToken - 1) / kBytesPerToken);
}

gemini::Usage expected_answer(const Body& body, std::int64_t otherwise) {
  gemini::Usage unknown{.candidates = otherwise, .searches = kExpectedSearches};
  if (body.empty()) unknown.searches = 0;
  if (body.empty() || body.size() > kMostParsed) return unknown;
  const std::shared_ptr<Buffer> whole = Buffer::copy_of(body.flatten());
  static thread_local json::Document document;  // its memory serves the next request
  const Result<json::Value> root = document.parse(whole->padded());
  if (!root) return unknown;
  const auto member = [](json::Value object, std::string_view name, std::string_view snake_case) {
    const json::Value value = object[name];
    return value ? value : object[snake_case];
  };
  const json::Value config = member(*root, "generationConfig", "generation_config");
  const std::int64_t most =
      member(config, "maxOutputTokens", "max_output_tokens").integer().value_or(0);
  const std::int64_t candidates =
      member(config, "candidateCount", "candidate_count").integer().value_or(1);
  gemini::Usage expected;
  expected.candidates = (most > 0 ? std::min<std::int64_t>(most, 1 << 20) : otherwise) *
                        std::clamp<std::int64_t>(candidates, 1, 8);
  for (const json::Value tool : (*root)["tools"]) {
    if (member(tool, "googleSearch", "google_search") ||
        member(tool, "googleSearchRetrieval", "google_search_retrieval")) {
      expected.searches = kExpectedSearches;
    }
  }
  return expected;
}

}  // namespace wasat::account
