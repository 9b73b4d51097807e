// Heads and chunked bodies: no input crashes, any split of a body decodes alike.

#include <cstdlib>
#include <string>

#include "http/chunked.h"
#include "http/h1_parser.h"

namespace {

using wasat::http::ChunkedDecoder;
using wasat::http::H1Parser;

struct Decoded {
  std::string body;
  bool ended;
  bool malformed;
  bool operator==(const Decoded&) const = default;
};

Decoded decode(std::string_view bytes, std::size_t piece) {
  ChunkedDecoder decoder;
  Decoded result{};
  for (std::size_t at = 0; at < bytes.size() && !decoder.ended() && !decoder.malformed();
       at += piece) {
    std::string part(bytes.substr(at, piece));
    result.body += part.substr(0, decoder.decode(part.data(), part.size()).decoded);
  }
  result.ended = decoder.ended();
  result.malformed = decoder.malformed();
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  for (const H1Parser::Role role : {H1Parser::Role::kRequest, H1Parser::Role::kResponse}) {
    const wasat::http::HeadScan scan = wasat::http::scan_head(bytes);
    if (scan.wrong != nullptr || scan.length == 0) continue;
    const std::string head(bytes.substr(0, scan.length));
    H1Parser parser(role);
    const auto wrong = parser.parse_head(head);
    if (!wrong && parser.head().chunked && parser.head().content_length) std::abort();
  }
  const Decoded whole = decode(bytes, bytes.size());
  const Decoded split = decode(bytes, 1 + data[0] % 16);
  if (whole.ended != split.ended || whole.malformed != split.malformed) std::abort();
  if (!whole.malformed && whole.body != split.body) std::abort();
  return 0;
}
