#include "gateway/media_type.h"

#include <algorithm>
#include <array>

namespace wasat::gateway {
namespace {

struct Name {
  std::string_view written;
  std::string_view meant;
};
// Names that servers write for what Gemini knows by another one.
constexpr std::array kOtherNames = {
    Name{"image/jpg", "image/jpeg"},          Name{"image/pjpeg", "image/jpeg"},
    Name{"image/x-png", "image/png"},         Name{"audio/x-wav", "audio/wav"},
    Name{"audio/wave", "audio/wav"},          Name{"audio/vnd.wave", "audio/wav"},
    Name{"audio/mpeg3", "audio/mp3"},         Name{"audio/x-m4a", "audio/m4a"},
    Name{"audio/x-flac", "audio/flac"},       Name{"application/x-pdf", "application/pdf"},
    Name{"application/ogg", "audio/ogg"},     Name{"video/x-m4v", "video/mp4"},
    Name{"video/x-msvideo", "video/avi"},     Name{"application/xml", "text/xml"},
    Name{"text/x-markdown", "text/markdown"},
};
// ai.google.dev/gemini-api/docs: image, audio, video and document understanding.
// A web page is left out: who names one as an image got a login page.
constexpr std::array<std::string_view, 11> kTexts = {
    "text/plain",    "text/csv",        "text/markdown",           "text/xml",
    "text/rtf",      "text/css",        "text/javascript",         "application/json",
    "text/x-python", "application/rtf", "application/x-javascript"};
constexpr std::array<std::string_view, 1> kNoImages = {"image/svg+xml"};

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view type;
};
constexpr std::array kMagic = {
    Magic{0, "\x89PNG\r\n\x1a\n", "image/png"},
    Magic{0, "\xff\xd8\xff", "image/jpeg"},
    Magic{0, "GIF8", "image/gif"},
    Magic{8, "WEBP", "image/webp"},
    Magic{8, "WAVE", "audio/wav"},
    Magic{8, "AVI ", "video/avi"},
    Magic{4, "ftypheic", "image/heic"},
    Magic{4, "ftypheix", "image/heic"},
    Magic{4, "ftypmif1", "image/heif"},
    Magic{4, "ftypavif", "image/avif"},
    Magic{4, "ftypM4A", "audio/m4a"},
    Magic{4, "ftypqt", "video/mov"},
    Magic{4, "ftyp", "video/mp4"},
    Magic{0, "%PDF-", "application/pdf"},
    Magic{0, "OggS", "audio/ogg"},
    Magic{0, "fLaC", "audio/flac"},
    Magic{0, "ID3", "audio/mp3"},
    Magic{0, "\xff\xfb", "audio/mp3"},
    Magic{0, "\xff\xf1", "audio/aac"},
    Magic{0, "\x1a\x45\xdf\xa3", "video/webm"},
};

std::string_view sniffed(std::string_view bytes) {
  for (const Magic& magic : kMagic) {
    if (bytes.size() >= magic.offset && bytes.substr(magic.offset).starts_with(magic.bytes)) {
      return magic.type;
    }
  }
  return {};
}

bool is_taken(std::string_view type) {
  if (std::ranges::find(kNoImages, type) != kNoImages.end()) return false;
  return type.starts_with("image/") || type.starts_with("audio/") || type.starts_with("video/") ||
         type == "application/pdf" || std::ranges::find(kTexts, type) != kTexts.end();
}

}  // namespace

std::string media_type(std::string_view content_type, std::string_view bytes) {
  std::string type(content_type.substr(0, content_type.find(';')));
  std::erase_if(type, [](char c) { return c == ' ' || c == '\t'; });
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  const auto other = std::ranges::find(kOtherNames, std::string_view(type), &Name::written);
  if (other != kOtherNames.end()) type = other->meant;
  // What the bytes say outranks a header that says nothing, or calls an image a text.
  const bool vague =
      type.empty() || type == "application/octet-stream" || type == "binary/octet-stream" ||
      type == "text/plain" || type == "application/x-www-form-urlencoded" ||
      type.starts_with("application/force") || type.starts_with("application/x-download");
  if (const std::string_view seen = sniffed(bytes); !seen.empty() && (vague || !is_taken(type))) {
    return std::string(seen);
  }
  return is_taken(type) ? type : std::string();
}

}  // namespace wasat::gateway
