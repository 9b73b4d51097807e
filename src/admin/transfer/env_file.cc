#include "admin/transfer/env_file.h"

#include <algorithm>

namespace wasat::admin::transfer {
namespace {

constexpr std::string_view kBlank = " \t";
constexpr std::size_t kMostOddLines = 100;
// Each that is never closed costs a look at the whole file.
constexpr int kMostOpenBrackets = 16;

bool starts_name(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; }
bool in_name(char c) { return starts_name(c) || (c >= '0' && c <= '9') || c == '.' || c == '-'; }

std::string_view without_end_blanks(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r");
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;
  }

  EnvFile run() {
    while (at_ < text_.size()) {
      ++line_;
      const std::size_t first_line = line_;
      if (!read_line()) note_odd(first_line);
      skip_to_next_line();
    }
    return std::move(file_);
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  void skip_blanks() {
    while (at_ < text_.size() && kBlank.contains(text_[at_])) ++at_;
  }
  void skip_to_next_line() {
    at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ < text_.size()) ++at_;
  }
  void note_odd(std::size_t line) {
    ++file_.odd;
    if (file_.odd_lines.size() < kMostOddLines) file_.odd_lines.push_back(line);
  }

  // Ends anywhere on the line's last line. False: it says nothing that is known.
  bool read_line() {
    skip_blanks();
    if (peek() == '#' || peek() == '\n' || peek() == '\r') return true;
    if (text_.substr(at_).starts_with("export ") || text_.substr(at_).starts_with("export\t")) {
      at_ += 7;
      skip_blanks();
    }
    const std::size_t start = at_;
    if (!starts_name(peek())) return false;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    std::string name(text_.substr(start, at_ - start));
    skip_blanks();
    if (peek() != '=') return false;
    ++at_;
    skip_blanks();
    bool good = true;
    Secret value = read_value(good);
    if (!good) return false;
    file_.values.push_back({std::move(name), std::move(value)});
    return true;
  }

  Secret read_value(bool& good) {
    const char first = peek();
    if (first == '"' || first == '\'') return quoted(first, good);
    if ((first == '[' || first == '{') && open_brackets_ < kMostOpenBrackets) {
      if (const std::size_t end = end_of_json(); end != std::string_view::npos) return json(end);
      ++open_brackets_;
    }
    const std::size_t end = std::min(text_.find('\n', at_), text_.size());
    std::string_view rest = text_.substr(at_, end - at_);
    at_ = end;
    // A comment needs a blank before it: "#" may be part of a password.
    for (std::size_t hash = rest.find('#'); hash != std::string_view::npos;
         hash = rest.find('#', hash + 1)) {
      if (hash == 0 || kBlank.contains(rest[hash - 1])) {
        rest = rest.substr(0, hash);
        break;
      }
    }
    return Secret(without_end_blanks(rest));
  }

  Secret quoted(char quote, bool& good) {
    std::string value;
    std::size_t lines = 0;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      const char c = text_[i];
      if (c == quote) {
        at_ = i + 1;
        line_ += lines;
        return Secret(value);
      }
      if (c == '\n') ++lines;
      if (c == '\\' && quote == '"' && i + 1 < text_.size()) {
        append_escape(value, text_[++i]);
      } else {
        value += c;
      }
    }
    good = false;  // the quote is never closed
    return {};
  }

  static void append_escape(std::string& value, char c) {
    switch (c) {
      case 'n':
        value += '\n';
        return;
      case 'r':
        value += '\r';
        return;
      case 't':
        value += '\t';
        return;
      case '"':
      case '\\':
      case '$':
        value += c;
        return;
      default:
        value += '\\';
        value += c;
    }
  }

  // Behind the bracket that closes the one here; npos: there is none.
  std::size_t end_of_json() const {
    int depth = 0;
    bool in_string = false;
    for (std::size_t i = at_; i < text_.size(); ++i) {
      const char c = text_[i];
      if (in_string) {
        if (c == '\\') ++i;
        if (c == '"') in_string = false;
        continue;
      }
      if (c == '"') in_string = true;
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && --depth == 0) return i + 1;
    }
    return std::string_view::npos;
  }

  Secret json(std::size_t end) {
    const std::string_view value = text_.substr(at_, end - at_);
    line_ += static_cast<std::size_t>(std::ranges::count(value, '\n'));
    at_ = end;
    return Secret(value);
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  int open_brackets_ = 0;
  EnvFile file_;
};

}  // namespace

EnvFile read_env_file(std::string_view text) { return Reader(text).run(); }

bool looks_like_env_file(std::string_view text) {
  if (text.contains('\0')) return false;
  const EnvFile file = read_env_file(text);
  return !file.values.empty() && file.values.size() >= file.odd;
}

}  // namespace wasat::admin::transfer
