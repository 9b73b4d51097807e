#include "simulator/text.h"

#include <algorithm>
#include <charconv>
#include <cstring>

namespace wasat::simulator {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (static_cast<unsigned char>(c) & 0x80);
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

int token_count(std::string_view text) {
  const auto characters = std::ranges::count_if(text, [](char c) { return !is_continuation(c); });
  return static_cast<int>((characters + 3) / 4);
}

std::vector<std::string_view> stream_pieces(std::string_view text, Random& random) {
  std::vector<std::string_view> pieces;
  std::size_t words = 2;  // models begin with little
  while (!text.empty()) {
    std::size_t end = 0;
    for (std::size_t word = 0; word < words && end < text.size(); ++word) {
      end = std::min(text.find(' ', end + 1), text.size());
      if (end >= 160) end = beginning(text, 160).size();
    }
    pieces.push_back(text.substr(0, end));
    text.remove_prefix(end);
    words = 3 + random.below(8);
  }
  return pieces;
}

std::string_view beginning(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  while (limit > 0 && is_continuation(text[limit])) --limit;
  return text.substr(0, limit);
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return out;
}

std::uint64_t hash(std::string_view bytes, std::uint64_t seed) {
  constexpr std::uint64_t kPrime = 0x9E3779B97F4A7C15;
  std::uint64_t h = seed ^ (bytes.size() * kPrime);
  const auto mix = [&h](std::uint64_t word) {
    h = (h ^ word) * kPrime;
    h ^= h >> 29;
  };
  for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    mix(word);
  }
  std::uint64_t last = 0;
  std::memcpy(&last, bytes.data(), bytes.size());
  mix(last);
  mix(h >> 32);
  return h;
}

std::vector<std::string> proper_names(std::string_view text) {
  std::vector<std::string> names;
  bool sentence_begins = true;
  bool joins = false;  // the word before was a name and only a space lies between
  for (std::size_t at = 0; at < text.size() && names.size() < 8;) {
    if (!is_letter(text[at])) {
      if (text[at] == '.' || text[at] == '?' || text[at] == '!' || text[at] == '\n') {
        sentence_begins = true;
      }
      if (text[at] != ' ') joins = false;
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && (is_letter(text[end]) || text[end] == '-')) ++end;
    const std::string_view word = text.substr(at, end - at);
    const bool name = word[0] >= 'A' && word[0] <= 'Z' && word.size() > 1 && !sentence_begins;
    if (name && joins) {
      names.back().append(" ").append(word);
    } else if (name) {
      names.emplace_back(word);
    }
    joins = name;
    sentence_begins = false;
    at = end;
  }
  return names;
}

std::vector<double> numbers_in(std::string_view text) {
  std::vector<double> numbers;
  for (std::size_t at = 0; at < text.size() && numbers.size() < 16;) {
    if (!is_digit(text[at]) || (at > 0 && is_letter(text[at - 1]))) {
      ++at;
      continue;
    }
    double number = 0;
    const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), number,
                                              std::chars_format::fixed);
    if (error != std::errc()) break;
    const bool negative = at > 0 && text[at - 1] == '-' && (at < 2 || text[at - 2] == ' ');
    numbers.push_back(negative ? -number : number);
    at = static_cast<std::size_t>(end - text.data());
  }
  return numbers;
}

}  // namespace wasat::simulator
