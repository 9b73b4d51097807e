#include "ws/handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "base/random.h"

namespace wasat::ws {
namespace {

// Section 1.3.
constexpr std::string_view kGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

std::string base64(std::span<const unsigned char> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                    static_cast<int>(bytes.size()));
  return text;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

template <class Use>
void each_in_list(std::string_view list, Use use) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    if (const std::string_view one = trim(list.substr(0, comma)); !one.empty()) use(one);
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
}

// Fields may be repeated; each is a list.
bool any_lists(std::span<const http::Header> headers, std::string_view name,
               std::string_view wanted) {
  bool found = false;
  for (const http::Header& header : headers) {
    if (!http::equals_ignoring_case(header.name, name)) continue;
    each_in_list(header.value, [&](std::string_view one) {
      found = found || http::equals_ignoring_case(one, wanted);
    });
  }
  return found;
}

std::size_t count(std::span<const http::Header> headers, std::string_view name) {
  return static_cast<std::size_t>(std::ranges::count_if(headers, [name](const http::Header& each) {
    return http::equals_ignoring_case(each.name, name);
  }));
}

// 16 bytes in base64: 22 characters and "==".
bool is_key(std::string_view key) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") &&
         key.substr(0, 22).find_first_not_of(kAlphabet) == std::string_view::npos;
}

Error upstream_wrong(const char* why) {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        std::string("the upstream's WebSocket handshake is wrong: ") + why);
}

}  // namespace

std::string accept_for(std::string_view key) {
  const std::string text = std::string(key).append(kGuid);
  std::array<unsigned char, 20> digest;
  // Not for security: it shows that the server knows what it accepts.
  ::EVP_Digest(text.data(), text.size(), digest.data(), nullptr, ::EVP_sha1(), nullptr);
  return base64(digest);
}

Result<Accepted> check_request(const http::ServerRequest& request) {
  if (request.method != "GET") {
    return fail(client_error(ErrorKind::kMethodNotAllowed, "a WebSocket begins with GET"));
  }
  if (!any_lists(request.headers, "upgrade", "websocket") ||
      !any_lists(request.headers, "connection", "upgrade")) {
    return fail(client_error(ErrorKind::kUnsupported,
                             "this is a WebSocket: connect with 'Upgrade: websocket'. A proxy in "
                             "front of Wasat must pass Upgrade and Connection on."));
  }
  if (request.header("sec-websocket-version") != "13") {
    return fail(client_error(ErrorKind::kUnsupported, "the only WebSocket version here is 13"));
  }
  const std::string_view key = trim(request.header("sec-websocket-key"));
  if (!is_key(key) || count(request.headers, "sec-websocket-key") != 1) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "Sec-WebSocket-Key must be there once and hold 16 bytes in base64"));
  }
  Accepted accepted{.accept = accept_for(key), .protocols = {}};
  for (const http::Header& header : request.headers) {
    if (!http::equals_ignoring_case(header.name, "sec-websocket-protocol")) continue;
    each_in_list(header.value,
                 [&accepted](std::string_view one) { accepted.protocols.push_back(one); });
  }
  return accepted;
}

std::string make_key() {
  std::array<unsigned char, 16> nonce;
  secure_bytes(nonce);
  return base64(nonce);
}

Result<> check_response(std::span<const http::Header> headers, std::string_view key) {
  if (!any_lists(headers, "upgrade", "websocket") || !any_lists(headers, "connection", "upgrade")) {
    return fail(upstream_wrong("it switches to something else"));
  }
  if (trim(http::find_header(headers, "sec-websocket-accept")) != accept_for(key)) {
    return fail(upstream_wrong("Sec-WebSocket-Accept does not fit the key"));
  }
  if (count(headers, "sec-websocket-extensions") > 0) {
    return fail(upstream_wrong("it uses an extension that was not offered"));
  }
  return {};
}

}  // namespace wasat::ws
