#include "simulator/google_json.h"

#include <algorithm>

namespace wasat::simulator {
namespace {

// The end of the string that begins at `from`, behind its closing quote.
std::size_t string_end(std::string_view text, std::size_t from) {
  std::size_t at = from + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

}  // namespace

std::string pretty(std::string_view compact) {
  std::string out;
  out.reserve(compact.size() * 2 + 2);
  std::size_t depth = 0;
  const auto new_line = [&] {
    out += '\n';
    out.append(2 * depth, ' ');
  };
  for (std::size_t at = 0; at < compact.size();) {
    const char c = compact[at];
    if (c == '"') {
      const std::size_t end = string_end(compact, at);
      out += compact.substr(at, end - at);
      at = end;
      continue;
    }
    ++at;
    if (c == '{' || c == '[') {
      out += c;
      if (at < compact.size() && (compact[at] == '}' || compact[at] == ']')) {
        out += compact[at++];
      } else {
        ++depth;
        new_line();
      }
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
      new_line();
      out += c;
    } else if (c == ',') {
      out += c;
      new_line();
    } else if (c == ':') {
      out += ": ";
    } else {
      out += c;
    }
  }
  return out += '\n';
}

std::string one_line(std::string_view compact) {
  std::string out;
  out.reserve(compact.size() + compact.size() / 8);
  for (std::size_t at = 0; at < compact.size();) {
    if (compact[at] == '"') {
      const std::size_t end = string_end(compact, at);
      out += compact.substr(at, end - at);
      at = end;
    } else {
      out += compact[at];
      if (compact[at++] == ':') out += ' ';
    }
  }
  return out;
}

}  // namespace wasat::simulator
