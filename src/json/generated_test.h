// Generated: JSON by chance, and bytes that are nearly JSON. The same number gives the same.

#pragma once

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace wasat::json::test {

class Generated {
 public:
  explicit Generated(unsigned seed) : random_(seed) {}

  std::size_t below(std::size_t end) {
    return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_);
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class T, std::size_t N>
  T any(const std::array<T, N>& of) {
    return of[below(N)];
  }

  std::string space() {
    static constexpr std::array<const char*, 4> kSpaces{" ", "\n", "\t\r", "  "};
    return one_in(6) ? any(kSpaces) : "";
  }
  std::string string() {
    static constexpr std::array<const char*, 19> kPieces{
        "a",       "b c",          "\\\"", "\\\\", "\\n", "\\u00e4", "\\ud83d\\ude00", "ä",
        "中",      "😀",           "{",    "]",    ":",   "\\ud83d", "\\uDDD1",        "\\ude00",
        "\\u0000", "plain text, ", "\\/"};
    std::string text = "\"";
    for (std::size_t i = below(7); i > 0; --i) text += any(kPieces);
    if (one_in(20)) text += std::string(below(3000), 'x');
    return text + '"';
  }
  std::string scalar() {
    static constexpr std::array<const char*, 12> kScalars{
        "0", "-0", "17", "-3.25", "1e9", "2E-3", "0.5e+10", "429", "true", "false", "null", "503"};
    return one_in(2) ? string() : any(kScalars);
  }
  std::string value(int depth) {
    if (depth == 0 || one_in(3)) return scalar();
    const bool is_object = !one_in(3);
    std::string text = is_object ? "{" : "[";
    for (std::size_t i = 0, size = below(4); i < size; ++i) {
      if (i > 0) text += ",";
      text += space();
      if (is_object) text += string() + space() + ":" + space();
      text += value(depth - 1) + space();
    }
    return text + (is_object ? "}" : "]");
  }
  // Bytes changed, lost or doubled.
  std::string damaged(std::string text) {
    static constexpr std::string_view kBytes = "\"\\{}[]:,01-.eE+tfn\x01 \nu";
    for (std::size_t i = 1 + below(2); i > 0 && !text.empty(); --i) {
      const std::size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = kBytes[below(kBytes.size())];
          break;
        case 1:
          text.erase(at, 1 + below(3));
          break;
        case 2:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
          break;
        default:
          text.resize(at);
      }
    }
    return text;
  }
  // The text in parts, some of them empty.
  std::vector<std::string_view> parts(std::string_view text) {
    std::vector<std::size_t> cuts{0, text.size()};
    for (std::size_t i = below(6); i > 0; --i) cuts.push_back(below(text.size() + 1));
    std::sort(cuts.begin(), cuts.end());
    std::vector<std::string_view> parts;
    for (std::size_t i = 1; i < cuts.size(); ++i) {
      parts.push_back(text.substr(cuts[i - 1], cuts[i] - cuts[i - 1]));
    }
    return parts;
  }

 private:
  std::mt19937 random_;
};

}  // namespace wasat::json::test
