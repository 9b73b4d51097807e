#include "dialect/conversation/signature.h"

#include <algorithm>
#include <cstdint>

namespace wasat::dialect {
namespace {

// Twelve letters, so that the whole is base64 as the signature is: whose it is and
// in which form, then eight that stand for the model.
constexpr std::string_view kPrefix = "wst1";
constexpr std::size_t kModelLetters = 8;

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::string model_letters(std::string_view model) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::uint64_t hash = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : model) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string letters;
  for (std::size_t i = 0; i < kModelLetters; ++i, hash /= 62) letters += kLetters[hash % 62];
  return letters;
}

constexpr bool is_base64(char c) {
  return is_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_' || c == '=';
}

// Base64, in which some clients (PHP) escape the slashes.
bool is_body(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_base64(text[i])) continue;
    if (text.substr(i, 2) != "\\/") return false;
    ++i;
  }
  return !text.empty();
}

// Google writes "\u003d" for "=". Nothing else has to be escaped in base64, and what
// is none is left out.
void append_unescaped(std::string& out, std::string_view escaped) {
  constexpr std::string_view kEquals = "\\u003d";
  while (!escaped.empty()) {
    if (escaped.starts_with(kEquals)) {
      out += '=';
      escaped.remove_prefix(kEquals.size());
      continue;
    }
    if (is_base64(escaped.front())) out += escaped.front();
    escaped.remove_prefix(1);
  }
}

}  // namespace

std::string wrap_signature(std::string_view signature, std::string_view upstream_model) {
  std::string carrier(kPrefix);
  carrier += model_letters(upstream_model);
  append_unescaped(carrier, signature);
  return carrier;
}

bool is_wrapped(std::string_view carrier) {
  constexpr std::size_t kHead = kPrefix.size() + kModelLetters;
  return carrier.size() > kHead && carrier.starts_with(kPrefix) &&
         std::ranges::all_of(carrier.substr(kPrefix.size(), kModelLetters), is_alphanumeric) &&
         is_body(carrier.substr(kHead));
}

std::string_view unwrap_signature(std::string_view carrier, std::string_view upstream_model) {
  if (!is_wrapped(carrier)) return {};
  carrier.remove_prefix(kPrefix.size());
  if (carrier.substr(0, kModelLetters) != model_letters(upstream_model)) return {};
  return carrier.substr(kModelLetters);
}

bool is_signature(std::string_view escaped) {
  const auto letter = [](char c) { return is_base64(c) || c == '\\'; };
  return !escaped.empty() && std::ranges::all_of(escaped, letter);
}

}  // namespace wasat::dialect
