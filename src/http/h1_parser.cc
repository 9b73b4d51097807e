#include "http/h1_parser.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace wasat::http {
namespace {

constexpr std::size_t kMostHeaders = 128;

bool control(unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; }

// The first CR, LF or other control character but TAB at or behind `from`, eight
// bytes at a time; text.size() if there is none.
std::size_t find_control(std::string_view text, std::size_t from) {
  constexpr std::uint64_t kOnes = ~std::uint64_t{0} / 255;
  constexpr std::uint64_t kHigh = kOnes * 0x80;
  while (from + 8 <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + from, sizeof word);
    const std::uint64_t below_space = (word - kOnes * 0x20) & ~word & kHigh;
    const std::uint64_t deletes = word ^ (kOnes * 0x7f);
    const std::uint64_t is_delete = (deletes - kOnes) & ~deletes & kHigh;
    if ((below_space | is_delete) == 0) {
      from += 8;
      continue;
    }
    for (const std::size_t end = from + 8; from < end; ++from) {
      if (control(static_cast<unsigned char>(text[from]))) return from;
    }
  }
  while (from < text.size() && !control(static_cast<unsigned char>(text[from]))) ++from;
  return from;
}

// RFC 9110 section 5.6.2: what a header's name is made of.
bool token_character(char c) {
  static constexpr std::array<bool, 256> kToken = [] {
    std::array<bool, 256> table{};
    for (const char each : std::string_view("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ")) {
      table[static_cast<unsigned char>(each)] = true;
    }
    return table;
  }();
  return kToken[static_cast<unsigned char>(c)];
}

bool dot_segment(std::string_view segment) {
  // ".", "..", with dots that may be percent-encoded.
  int dots = 0;
  for (std::size_t i = 0; i < segment.size(); ++dots) {
    if (segment[i] == '.') {
      i += 1;
    } else if (segment.size() - i >= 3 && segment[i] == '%' && segment[i + 1] == '2' &&
               (segment[i + 2] == 'e' || segment[i + 2] == 'E')) {
      i += 3;
    } else {
      return false;
    }
  }
  return dots == 1 || dots == 2;
}

const char* check_target(std::string_view target) {
  for (const char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#' || c == '\\') {
      return "the request target holds a character that must be percent-encoded";
    }
  }
  std::string_view path = target.substr(0, target.find('?'));
  if (path.find("%00") != std::string_view::npos) return "the path holds an encoded NUL";
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t slash = path.find('/');
    if (dot_segment(path.substr(0, slash))) return "the path holds a dot segment";
    if (slash == std::string_view::npos) break;
    path.remove_prefix(slash);
  }
  return nullptr;
}

}  // namespace

HeadScan scan_head(std::string_view bytes) {
  bool first = true;
  for (std::size_t line = 0;;) {
    const std::size_t end = find_control(bytes, line);
    // A last CR may still get its LF.
    if (end == bytes.size() || (bytes[end] == '\r' && end + 1 == bytes.size())) return {};
    if (bytes[end] == '\n') return {.wrong = "a line ends in a bare LF"};
    if (bytes[end] != '\r') return {.wrong = "the head holds a control character"};
    if (bytes[end + 1] != '\n') return {.wrong = "a line holds a bare CR"};
    if (end == line) {
      // An empty line before a request line is what some clients leave behind a body.
      if (!first) return {.length = end + 2};
    } else {
      if (!first && (bytes[line] == ' ' || bytes[line] == '\t')) {
        return {.wrong = "a header line is folded"};
      }
      first = false;
    }
    line = end + 2;
  }
}

struct H1Parser::Callbacks {
  static H1Parser& self(llhttp_t* parser) { return *static_cast<H1Parser*>(parser->data); }

  static int on_url(llhttp_t* parser, const char* at, std::size_t length) {
    self(parser).head_.target = {at, length};
    return 0;
  }
  static int on_field(llhttp_t* parser, const char* at, std::size_t length) {
    H1Parser& me = self(parser);
    if (me.head_.headers.size() == kMostHeaders) {
      me.wrong_ = "there are too many header fields";
      return -1;
    }
    me.head_.headers.push_back({{at, length}, {}});
    return 0;
  }
  static int on_value(llhttp_t* parser, const char* at, std::size_t length) {
    std::string_view value(at, length);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    self(parser).head_.headers.back().value = value;
    return 0;
  }
  static int on_headers_complete(llhttp_t* parser) {
    H1Parser& me = self(parser);
    me.head_.method = llhttp_method_name(static_cast<llhttp_method_t>(llhttp_get_method(parser)));
    me.head_.status = llhttp_get_status_code(parser);
    me.head_.keep_alive = llhttp_should_keep_alive(parser) != 0;
    me.head_.http_1_0 = parser->http_major == 1 && parser->http_minor == 0;
    if (parser->http_major != 1) me.wrong_ = "the HTTP version is not 1.0 or 1.1";
    return 0;
  }
  static const llhttp_settings_t* settings() {
    static const llhttp_settings_t made = [] {
      llhttp_settings_t settings;
      llhttp_settings_init(&settings);
      settings.on_url = on_url;
      settings.on_header_field = on_field;
      settings.on_header_value = on_value;
      settings.on_headers_complete = on_headers_complete;
      return settings;
    }();
    return &made;
  }
};

H1Parser::H1Parser(Role role) : role_(role) {
  llhttp_init(&parser_, role == Role::kRequest ? HTTP_REQUEST : HTTP_RESPONSE,
              Callbacks::settings());
  parser_.data = this;
}

void H1Parser::reset() {
  llhttp_reset(&parser_);
  std::vector<Header> headers = std::move(head_.headers);
  headers.clear();
  head_ = {};
  head_.headers = std::move(headers);
  wrong_ = nullptr;
}

std::optional<std::string_view> H1Parser::parse_head(std::string_view head) {
  // llhttp passes over more than one space here.
  const std::string_view line = head.substr(0, head.find("\r\n", 2));
  if (line.find("  ") != std::string_view::npos && role_ == Role::kRequest) {
    return "the request line holds more than one space between its parts";
  }
  const llhttp_errno_t error = llhttp_execute(&parser_, head.data(), head.size());
  if (wrong_ != nullptr) return wrong_;
  if (error == HPE_PAUSED_UPGRADE) {
    // CONNECT or Upgrade: answered as any request; what follows is not ours to interpret.
    llhttp_resume_after_upgrade(&parser_);
    head_.keep_alive = false;
  } else if (error != HPE_OK) {
    const char* reason = llhttp_get_error_reason(&parser_);
    return reason != nullptr && *reason != '\0' ? reason : "the head is malformed";
  }
  if (const char* wrong = check_framing(); wrong != nullptr) return wrong;
  if (role_ == Role::kRequest) {
    if (const char* wrong = check_request(); wrong != nullptr) return wrong;
  }
  return std::nullopt;
}

const char* H1Parser::check_framing() {
  int lengths = 0;
  int codings = 0;
  for (const Header& header : head_.headers) {
    if (header.name.empty() || !std::ranges::all_of(header.name, token_character)) {
      return "a header's name holds a character that has no place there";
    }
    if (equals_ignoring_case(header.name, "content-length")) {
      ++lengths;
      std::uint64_t value = 0;
      if (header.value.empty() || header.value.size() > 18) return "Content-Length is no number";
      for (const char c : header.value) {
        if (c < '0' || c > '9') return "Content-Length is no number";
        value = value * 10 + static_cast<std::uint64_t>(c - '0');
      }
      head_.content_length = value;
    } else if (equals_ignoring_case(header.name, "transfer-encoding")) {
      ++codings;
      if (!equals_ignoring_case(header.value, "chunked")) {
        return "the only Transfer-Encoding that is understood is chunked";
      }
      head_.chunked = true;
    }
  }
  if (lengths > 1) return "there is more than one Content-Length";
  if (codings > 1) return "there is more than one Transfer-Encoding";
  if (lengths + codings > 1) return "Content-Length and Transfer-Encoding contradict each other";
  if (head_.chunked && head_.http_1_0) return "HTTP/1.0 has no Transfer-Encoding";
  return nullptr;
}

const char* H1Parser::check_request() {
  int hosts = 0;
  for (const Header& header : head_.headers) {
    if (!equals_ignoring_case(header.name, "host")) continue;
    ++hosts;
    for (const char c : header.value) {
      if (c == ' ' || c == '\t' || c == ',' || c == '/' || c == '@') return "Host is malformed";
    }
  }
  if (hosts > 1) return "there is more than one Host";
  if (hosts == 0 && !head_.http_1_0) return "Host is missing";
  if (head_.target.empty()) return "the request target is missing";
  const bool asterisk = head_.target == "*" && head_.method == "OPTIONS";
  // The absolute form is what clients send to proxies; a server must take it too
  // (RFC 9112 section 3.2.2). Its authority says no more than Host does.
  if (const std::size_t scheme = head_.target.find("://");
      head_.target[0] != '/' && scheme != std::string_view::npos) {
    const std::size_t path = head_.target.find('/', scheme + 3);
    head_.target = path == std::string_view::npos ? "/" : head_.target.substr(path);
  }
  if (head_.target[0] != '/' && !asterisk) {
    return "the request target must begin with a slash";
  }
  return check_target(head_.target);
}

}  // namespace wasat::http
