#include "dialect/data_url.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/base64.h"
#include "base/percent.h"

namespace wasat::dialect {
namespace {

constexpr std::size_t kMaxHead = 1024;  // "data:...," without the data

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool is_base64_letter(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=' ||
         c == '-' || c == '_';
}

// No white space, percent or backslash. Blocks without a branch in them, so
// that the compiler uses vector instructions.
bool is_plain(std::string_view text) {
  constexpr std::size_t kBlock = 4096;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  for (std::size_t at = 0; at < text.size(); at += kBlock) {
    const std::size_t end = std::min(text.size(), at + kBlock);
    std::uint8_t found = 0;
    for (std::size_t i = at; i < end; ++i) {
      found |=
          static_cast<std::uint8_t>((bytes[i] <= ' ') | (bytes[i] == '%') | (bytes[i] == '\\'));
    }
    if (found != 0) return false;
  }
  return true;
}

// JSON escapes and percent escapes undone. Enough for what data URLs are made
// of; a \u escape of something that is not ASCII becomes '?'.
std::string plain(std::string_view escaped, bool percent) {
  std::string out;
  out.reserve(escaped.size());
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    char c = escaped[i];
    if (c == '\\' && i + 1 < escaped.size()) {
      c = escaped[++i];
      if (c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f') c = c == 'n' ? '\n' : ' ';
      if (c == 'u' && i + 4 < escaped.size()) {
        int code = 0;
        for (int k = 1; k <= 4; ++k) {
          code = code * 16 + std::max(0, hex_digit(escaped[i + static_cast<std::size_t>(k)]));
        }
        i += 4;
        c = code < 128 ? static_cast<char>(code) : '?';
      }
    } else if (percent && c == '%' && i + 2 < escaped.size() && hex_digit(escaped[i + 1]) >= 0 &&
               hex_digit(escaped[i + 2]) >= 0) {
      c = static_cast<char>(hex_digit(escaped[i + 1]) * 16 + hex_digit(escaped[i + 2]));
      i += 2;
    }
    out += c;
  }
  return out;
}

// Every backslash escapes a slash: valid JSON, and clean base64 behind it.
bool only_slashes_escaped(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c <= ' ' || c == '%') return false;
    if (c == '\\' && (i + 1 == text.size() || text[++i] != '/')) return false;
  }
  return true;
}

struct Head {
  std::string mime_type;
  bool base64 = false;
  std::size_t length = 0;  // with the comma
};

std::optional<Head> read_head(std::string_view escaped) {
  if (!is_data_url(escaped)) return std::nullopt;
  const std::size_t comma = escaped.substr(0, kMaxHead).find(',');
  if (comma == escaped.npos) return std::nullopt;
  std::string text = plain(escaped.substr(5, comma - 5), true);
  std::transform(text.begin(), text.end(), text.begin(), lower);
  Head head{.length = comma + 1};
  std::string_view rest = text;
  for (bool first = true; !rest.empty() || first; first = false) {
    std::string_view piece = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(rest.size(), piece.size() + 1));
    while (piece.starts_with(' ')) piece.remove_prefix(1);
    while (piece.ends_with(' ')) piece.remove_suffix(1);
    if (first) {
      head.mime_type = piece == "image/jpg" ? "image/jpeg" : piece;
    } else if (piece == "base64") {
      head.base64 = true;
    }
  }
  return head;
}

bool all_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_base64_letter);
}

}  // namespace

bool is_data_url(std::string_view escaped) {
  constexpr std::string_view kScheme = "data:";
  return escaped.size() >= kScheme.size() &&
         std::equal(kScheme.begin(), kScheme.end(), escaped.begin(),
                    [](char a, char b) { return a == lower(b); });
}

InlineData read_base64(std::string_view escaped) {
  InlineData found{.passed = escaped};
  if (is_plain(escaped) || only_slashes_escaped(escaped)) return found;
  found.rewritten = plain(escaped, true);
  std::erase_if(found.rewritten, [](char c) { return !is_base64_letter(c); });
  if (found.rewritten.empty()) found.passed = {};
  return found;
}

std::optional<InlineData> read_data_url(std::string_view escaped) {
  const std::optional<Head> head = read_head(escaped);
  if (!head) return std::nullopt;
  const std::string_view payload = escaped.substr(head->length);
  InlineData found;
  // Many clients forget ";base64"; for text the URL's own meaning is meant.
  const bool text = !head->base64 && (head->mime_type.starts_with("text/") ||
                                      head->mime_type.empty() || !all_base64(plain(payload, true)));
  if (text) {
    found.rewritten = to_base64(plain(payload, true));
  } else {
    found = read_base64(payload);
  }
  found.mime_type = head->mime_type;
  if (found.mime_type.empty()) found.mime_type = text ? "text/plain" : sniffed_mime_type(payload);
  return found;
}

std::string_view sniffed_mime_type(std::string_view base64) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kMagic = {{
      {"/9j", "image/jpeg"},
      {"\\/9j", "image/jpeg"},
      {"iVBORw0KGgo", "image/png"},
      {"R0lGOD", "image/gif"},
      {"UklGR", "image/webp"},
      {"JVBERi0", "application/pdf"},
  }};
  for (const auto& [magic, type] : kMagic) {
    if (base64.starts_with(magic)) return type;
  }
  return {};
}

std::string_view mime_type_of_file(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 32> kTypes = {{
      {"pdf", "application/pdf"},   {"txt", "text/plain"},  {"md", "text/markdown"},
      {"csv", "text/csv"},          {"html", "text/html"},  {"htm", "text/html"},
      {"xml", "text/xml"},          {"css", "text/css"},    {"js", "text/javascript"},
      {"json", "application/json"}, {"rtf", "text/rtf"},    {"py", "text/x-python"},
      {"png", "image/png"},         {"jpg", "image/jpeg"},  {"jpeg", "image/jpeg"},
      {"gif", "image/gif"},         {"webp", "image/webp"}, {"heic", "image/heic"},
      {"heif", "image/heif"},       {"mp3", "audio/mp3"},   {"wav", "audio/wav"},
      {"ogg", "audio/ogg"},         {"flac", "audio/flac"}, {"aac", "audio/aac"},
      {"aiff", "audio/aiff"},       {"mp4", "video/mp4"},   {"mpeg", "video/mpeg"},
      {"mov", "video/quicktime"},   {"webm", "video/webm"}, {"avi", "video/x-msvideo"},
      {"wmv", "video/x-ms-wmv"},    {"yaml", "text/plain"},
  }};
  const auto dot = name.rfind('.');
  if (dot == name.npos) return {};
  std::string extension(name.substr(dot + 1));
  std::transform(extension.begin(), extension.end(), extension.begin(), lower);
  for (const auto& [known, type] : kTypes) {
    if (extension == known) return type;
  }
  return {};
}

}  // namespace wasat::dialect
