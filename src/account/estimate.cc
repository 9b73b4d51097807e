#include "account/estimate.h"

#include <algorithm>

namespace wasat::account {
namespace {

constexpr std::size_t kBytesPerToken = 4;
constexpr std::size_t kShortestMedia = 2048;
constexpr std::int64_t kTokensOfMedia = 1120;
constexpr std::size_t kCharactersPerToken = 500;
constexpr std::size_t kSamples = 64;
// Of what a request says; Gemini allows less.
constexpr std::int64_t kMostOutput = 1 << 20;
constexpr std::int64_t kMostCandidates = 8;

constexpr bool is_base64(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '-' || c == '_' || c == '=';
}

std::int64_t tokens_of(std::size_t text) {
  return static_cast<std::int64_t>((text + kBytesPerToken - 1) / kBytesPerToken);
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
  if (body.size() < kShortestMedia) return tokens_of(body.size());
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
  return media + tokens_of(text);
}

gemini::Usage expected_answer(const gemini::Call& call, std::int64_t otherwise) {
  const std::int64_t each =
      call.most_output > 0 ? std::min(call.most_output, kMostOutput) : otherwise;
  return {.candidates = each * std::clamp<std::int64_t>(call.candidates, 1, kMostCandidates),
          .searches = call.may_search ? kExpectedSearches : 0};
}

}  // namespace wasat::account
