// The opening handshake (RFC 6455 section 4), both sides, over HTTP/1.1 heads.
// No extension is ever offered or accepted. Pure functions; any thread.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"

namespace wasat::ws {

// Sec-WebSocket-Accept for a key.
std::string accept_for(std::string_view key);

// As server. The header fields of the 101 beside Upgrade and Connection, which HTTP
// adds. Errors: kMethodNotAllowed, kInvalidRequest; kUnsupported (426): no
// WebSocket is asked for, or another version.
struct Accepted {
  std::string accept;
  std::vector<std::string_view> protocols;  // as offered, in order; view the request
};
Result<Accepted> check_request(const http::ServerRequest& request);

// As client: 16 random bytes in base64.
std::string make_key();
// Whether an answer with status 101 accepts what was asked. Error: kUpstreamFailed.
Result<> check_response(std::span<const http::Header> headers, std::string_view key);

}  // namespace wasat::ws
