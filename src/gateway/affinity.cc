#include "gateway/affinity.h"

#include <algorithm>
#include <cstring>
#include <functional>

namespace wasat::gateway {
namespace {

// Shorter prompts than about 1024 tokens are not cached upstream.
constexpr std::size_t kLeastBody = 4096;
constexpr std::size_t kMostRead = 32 * 1024;
constexpr std::string_view kContents = "contents";

// Finds where the first element of the member "contents" ends, in JSON that comes in
// pieces. It trusts the JSON: of what is no JSON, any prefix will do.
class FirstContent {
 public:
  // How many bytes of `piece` belong to it; fewer than all when it has ended.
  std::size_t read(std::string_view piece) {
    std::size_t at = 0;
    while (at < piece.size() && !ended_) {
      at = in_string_ ? read_string(piece, at) : read_structure(piece, at);
    }
    return at;
  }
  bool ended() const { return ended_; }

 private:
  std::size_t read_string(std::string_view piece, std::size_t at) {
    if (std::exchange(escaped_, false)) return at + 1;
    const std::size_t end = piece.find_first_of("\"\\", at);
    const std::size_t stop = std::min(end, piece.size());
    if (depth_ == 1 && !is_value_) {
      const std::string_view more = piece.substr(at, stop - at);
      key_matches_ =
          key_matches_ && kContents.substr(std::min(key_size_, kContents.size())).starts_with(more);
      key_size_ += more.size();
    }
    if (end == piece.npos) return stop;
    if (piece[end] == '\\') {
      escaped_ = true;
    } else {
      in_string_ = false;
    }
    return end + 1;
  }

  std::size_t read_structure(std::string_view piece, std::size_t at) {
    switch (piece[at]) {
      case '"':
        in_string_ = true;
        if (depth_ == 1 && !is_value_) {
          key_matches_ = true;
          key_size_ = 0;
        }
        break;
      case ':':
        if (depth_ == 1) is_value_ = true;
        break;
      case ',':
        if (depth_ == 1) is_value_ = false;
        break;
      case '{':
      case '[':
        if (depth_ == 1) in_contents_ = key_matches_ && key_size_ == kContents.size();
        ++depth_;
        break;
      case '}':
      case ']':
        if (depth_ > 0) --depth_;
        ended_ = depth_ <= 2 && in_contents_;
        break;
      default:
        break;
    }
    return at + 1;
  }

  int depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool is_value_ = false;
  bool key_matches_ = false;
  std::size_t key_size_ = 0;
  bool in_contents_ = false;
  bool ended_ = false;
};

}  // namespace

std::uint64_t affinity_of(const gemini::Call& call) {
  const bool generates = call.method == gemini::Method::kGenerateContent ||
                         call.method == gemini::Method::kStreamGenerateContent;
  if (!generates || call.body.size() < kLeastBody) return 0;
  FirstContent first;
  // Pieces are views of the client's bytes or our own, so the same text may come in other
  // pieces the next time: they are put together before they are hashed.
  thread_local std::string prefix;
  prefix.clear();
  for (const std::string_view piece : call.body.pieces()) {
    const std::string_view part = piece.substr(0, kMostRead - prefix.size());
    prefix.append(part.substr(0, first.read(part)));
    if (first.ended() || prefix.size() == kMostRead) break;
  }
  return std::hash<std::string_view>()(prefix) | 1;
}

}  // namespace wasat::gateway
