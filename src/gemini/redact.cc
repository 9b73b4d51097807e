#include "gemini/redact.h"

#include <algorithm>
#include <array>

namespace wasat::gemini {
namespace {

constexpr std::string_view kMark = "[redacted]";

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Keys, tokens and identifiers are made of these.
bool is_word(char c) {
  return is_lower(c) || is_upper(c) || is_digit(c) || c == '-' || c == '_' || c == '.' ||
         c == '+' || c == '~';
}

struct Prefix {
  std::string_view text;
  std::size_t least;  // bytes of the whole word
};
// API keys, OAuth tokens and clients, JWTs, and what other vendors' keys look like.
constexpr std::array kSecretPrefixes = {
    Prefix{"AIz", 16}, Prefix{"AQ.", 16},  Prefix{"ya29.", 8}, Prefix{"GOCSPX-", 12},
    Prefix{"eyJ", 24}, Prefix{"sk-", 16},  Prefix{"gsk_", 16}, Prefix{"sk_", 16},
    Prefix{"wst", 16}, Prefix{"ghp_", 16}, Prefix{"xox", 16},
};

// Whatever word follows these is a secret or names the operator's project.
constexpr std::array<std::string_view, 14> kIntroductions = {
    "key=",     "key:",      "api key: ", "access_token=", "token=",
    "bearer ",  "api_key:",  "projects/", "project=",      "project_number:",
    "project ", "consumer=", "secret=",   "password=",
};

bool ends_with_ignoring_case(std::string_view text, std::string_view tail) {
  if (text.size() < tail.size()) return false;
  return std::ranges::equal(text.substr(text.size() - tail.size()), tail, [](char a, char b) {
    return (is_upper(a) ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

// Long words that mix everything are opaque; names that people gave are not.
bool looks_random(std::string_view word) {
  if (word.size() < 24) return false;
  const auto digits = std::ranges::count_if(word, is_digit);
  const auto uppers = std::ranges::count_if(word, is_upper);
  const auto lowers = std::ranges::count_if(word, is_lower);
  return digits >= 3 && uppers >= 3 && lowers >= 3;
}

bool is_secret(std::string_view before, std::string_view word) {
  for (const Prefix& prefix : kSecretPrefixes) {
    if (word.size() >= prefix.least && word.starts_with(prefix.text)) return true;
  }
  // Also where something was glued to its front.
  const std::size_t google_key = word.find("AIza");
  if (google_key != std::string_view::npos && word.size() - google_key >= 16) return true;
  if (looks_random(word)) return true;
  for (const std::string_view introduction : kIntroductions) {
    if (!ends_with_ignoring_case(before, introduction)) continue;
    // "project " and "key: " also begin ordinary phrases: there only what has a digit counts.
    if (std::ranges::any_of(word, is_digit)) return true;
  }
  return false;
}

std::size_t boundary_at_most(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text.size();
  while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
  return limit;
}

}  // namespace

std::string redacted(std::string_view text, std::size_t limit) {
  std::string out;
  for (std::size_t at = 0; at < text.size() && out.size() <= limit;) {
    if (!is_word(text[at])) {
      out += text[at++];
      continue;
    }
    const auto end = static_cast<std::size_t>(
        std::find_if_not(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_word) -
        text.begin());
    const std::string_view word = text.substr(at, end - at);
    out += is_secret(text.substr(0, at), word) ? kMark : word;
    at = end;
  }
  out.resize(boundary_at_most(out, limit));
  return out;
}

}  // namespace wasat::gemini
