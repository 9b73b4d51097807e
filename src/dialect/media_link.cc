#include "dialect/media_link.h"

#include <array>

namespace wasat::dialect {
namespace {

struct Row {
  std::string_view mime_type;
  std::string_view extension;
};
// What browsers show and nothing that they run: no SVG, no HTML.
constexpr std::array kRows = {
    Row{"image/png", "png"}, Row{"image/jpeg", "jpg"}, Row{"image/webp", "webp"},
    Row{"image/gif", "gif"}, Row{"audio/wav", "wav"},  Row{"audio/mpeg", "mp3"},
    Row{"audio/ogg", "ogg"}, Row{"video/mp4", "mp4"},  Row{"video/webm", "webm"},
};

}  // namespace

std::string_view media_extension(std::string_view mime_type) {
  for (const Row& row : kRows) {
    if (row.mime_type == mime_type) return row.extension;
  }
  return {};
}

std::string_view media_type(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == name.npos) return {};
  for (const Row& row : kRows) {
    if (row.extension == name.substr(dot + 1)) return row.mime_type;
  }
  return {};
}

std::string media_link(const AnswerContext& context, gemini::Tally& tally, std::size_t number,
                       std::string_view mime_type, std::string_view base64) {
  const std::string_view extension = media_extension(mime_type);
  if (context.media_base.empty() || extension.empty()) return {};
  gemini::Media& kept = tally.media.emplace_back();
  kept.suffix = "-" + std::to_string(number) + ".";
  kept.suffix += extension;
  kept.base64 = base64;
  return context.media_base + kept.suffix;
}

}  // namespace wasat::dialect
