// GET /media/{name}: what an answer linked to.

#include "dialect/media_link.h"
#include "gateway/cors.h"
#include "gateway/gateway.h"
#include "gemini/error_body.h"

namespace wasat::gateway {

Task<> Gateway::show_media(http::ServerRequest& request, http::ServerResponse& response,
                           std::string name) {
  std::optional<std::string> bytes;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (reads && MediaCache::is_name(name)) {
    auto work = [&] { bytes = shared_.media.read(name); };
    co_await shared_.compute.run(worker_.loop, std::move(work));
  }
  if (!bytes) {
    const Error error =
        reads ? client_error(ErrorKind::kNotFound,
                             "there is no such file, or it is not kept any more. Generated media "
                             "are kept for a limited time (media.max_age).")
              : client_error(ErrorKind::kMethodNotAllowed, "media can only be read: use GET");
    const std::string body = gemini::error_body(error);
    std::vector<http::Header> headers{{"Content-Type", "application/json"}};
    if (!reads) headers.push_back({"Allow", "GET, HEAD, OPTIONS"});
    (void)co_await response.send(reads ? 404 : 405, headers, body);
    co_return;
  }
  const std::string disposition = "inline; filename=\"" + name + "\"";
  std::vector<http::Header> headers{{"Content-Type", dialect::media_type(name)},
                                    {"Content-Disposition", disposition},
                                    {"X-Content-Type-Options", "nosniff"},
                                    {"Content-Security-Policy", "default-src 'none'; sandbox"},
                                    {"Cache-Control", "private, max-age=3600"}};
  const std::shared_ptr<const Options> options = worker_.options.get();
  if (const std::string_view origin = allowed_origin(request, options->cors_origins);
      !origin.empty()) {
    headers.push_back({"Access-Control-Allow-Origin", origin});
    if (origin != "*") headers.push_back({"Vary", "Origin"});
  }
  (void)co_await response.send(200, headers, *bytes);
}

}  // namespace wasat::gateway
