#include "admin/pasted_keys.h"

#include <algorithm>

namespace wasat::admin {
namespace {

constexpr std::size_t kShortest = 12;
constexpr std::size_t kLongest = 512;
constexpr std::string_view kBetween = " \t\r\n,;\"'`[](){}";
// Blanks that word processors and web pages put in the place of a space, in UTF-8, and the mark
// at the beginning of a file.
constexpr std::string_view kWideBlanks[] = {"\xc2\xa0",     "\xe3\x80\x80", "\xe2\x80\x8b",
                                            "\xef\xbb\xbf", "\xef\xbc\x8c", "\xef\xbc\x9b",
                                            "\xe2\x80\x9c", "\xe2\x80\x9d"};

// The length of what stands between keys at the beginning of `text`.
std::size_t between(std::string_view text) {
  if (kBetween.find(text.front()) != std::string_view::npos) return 1;
  for (const std::string_view blank : kWideBlanks) {
    if (text.starts_with(blank)) return blank.size();
  }
  return 0;
}

bool may_stand_in_key(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '_' || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}

}  // namespace

std::string key_problem(std::string_view key) {
  if (!std::ranges::all_of(key, may_stand_in_key)) return "holds a character that no key has";
  if (key.size() < kShortest) return "is too short for a key";
  if (key.size() > kLongest) return "is too long for a key";
  return {};
}

std::vector<PastedKey> read_pasted_keys(std::string_view text, std::size_t most, bool& cut) {
  std::vector<PastedKey> keys;
  std::size_t line = 1;
  cut = false;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '\n') ++line;
    if (const std::size_t gap = between(text.substr(at)); gap > 0) {
      at += gap;
      continue;
    }
    // A comment goes to the end of its line; keys hold neither mark.
    if (c == '#' || text.substr(at).starts_with("//")) {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && between(text.substr(end)) == 0 && text[end] != '#') ++end;
    if (keys.size() == most) {
      cut = true;
      break;
    }
    const std::string_view key = text.substr(at, end - at);
    keys.push_back({.line = line, .text = key, .problem = key_problem(key)});
    at = end;
  }
  return keys;
}

}  // namespace wasat::admin
