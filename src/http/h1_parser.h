// Parsing the heads of HTTP/1.1 messages (RFC 9112), both directions.
//
// llhttp does the work; it is more forgiving than a gateway may be, so the line
// structure is checked before it (bare CR or LF, folded lines, control
// characters), and Host, target and framing after it.

#pragma once

#include <llhttp.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace wasat::http {

// Where the head that `bytes` begins with ends.
struct HeadScan {
  std::size_t length = 0;       // with the empty line; 0: not complete yet
  const char* wrong = nullptr;  // why it can never become a head
};
HeadScan scan_head(std::string_view bytes);

struct Head {
  std::string_view method;  // requests
  std::string_view target;
  int status = 0;  // responses
  bool http_1_0 = false;
  bool keep_alive = true;  // what the sender allows
  bool chunked = false;
  std::optional<std::uint64_t> content_length;
  std::vector<Header> headers;
};

class H1Parser {
 public:
  enum class Role : std::uint8_t { kRequest, kResponse };

  explicit H1Parser(Role role);
  H1Parser(const H1Parser&) = delete;
  H1Parser& operator=(const H1Parser&) = delete;

  // Parses the head that scan_head() has found. Views point into `head`. The
  // error is for people, in one phrase. Once per reset().
  std::optional<std::string_view> parse_head(std::string_view head);
  const Head& head() const { return head_; }
  void reset();

 private:
  struct Callbacks;
  const char* check_request();
  const char* check_framing();

  llhttp_t parser_;
  Role role_;
  Head head_;
  const char* wrong_ = nullptr;
};

}  // namespace wasat::http
