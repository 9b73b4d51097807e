// GET /applet/: the page that makes a browser a relay node. The same for everybody and without
// a secret, so nobody is asked for a token; it opens nothing by itself.

#include <algorithm>
#include <array>

#include "gateway/gateway.h"
#include "gateway/web_file.h"
#include "gemini/error_body.h"

namespace wasat::gateway {
namespace {

// It loads what comes from here and runs nothing else. It connects to the relay and to the
// Gemini address that its user has entered: plain text only within this machine.
constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self' wss: https: ws://localhost:* ws://127.0.0.1:* http://localhost:* "
    "http://127.0.0.1:*; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const WebFile* find_file(std::string_view name) {
  const std::span<const WebFile> files = applet_files();
  if (name.empty()) return &files.front();
  const auto found = std::ranges::find(files, name, &WebFile::name);
  return found == files.end() ? nullptr : &*found;
}

}  // namespace

Task<> Gateway::show_applet(http::ServerRequest& request, http::ServerResponse& response,
                            std::string name) {
  if (request.method != "GET" && request.method != "HEAD") {
    const std::array<http::Header, 2> headers = {http::Header{"Content-Type", "application/json"},
                                                 http::Header{"Allow", "GET, HEAD, OPTIONS"}};
    const Error error =
        client_error(ErrorKind::kMethodNotAllowed, "the applet can only be read: use GET");
    const std::string body = gemini::error_body(error);
    (void)co_await response.send(405, headers, body);
    co_return;
  }
  // The page names its files relative to its own address.
  if (request.path.ends_with("/applet")) {
    const http::Header place{"Location", "applet/"};
    (void)co_await response.send(308, {&place, 1}, {});
    co_return;
  }
  const WebFile* file = find_file(name);
  if (file == nullptr) co_return co_await unknown(response, "/applet/" + name);
  // Asked for anew each time, and sent only when it is another one.
  std::vector<http::Header> headers{{"Content-Type", file->content_type},
                                    {"Cache-Control", "no-cache"},
                                    {"ETag", file->etag},
                                    {"Content-Security-Policy", kPolicy},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"Referrer-Policy", "no-referrer"},
                                    {"Cross-Origin-Opener-Policy", "same-origin"},
                                    {"Cross-Origin-Resource-Policy", "same-origin"}};
  const bool known = request.header("if-none-match").find(file->etag) != std::string_view::npos;
  (void)co_await response.send(known ? 304 : 200, headers,
                               known ? std::string_view() : file->bytes);
}

}  // namespace wasat::gateway
