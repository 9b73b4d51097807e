#include "gateway/fetch.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "gateway/media_type.h"

namespace wasat::gateway {
namespace {

constexpr int kMostRedirects = 5;
constexpr std::size_t kLongestUrl = 8192;
constexpr std::size_t kEncodedInPlace = 1u << 20;
constexpr std::size_t kFirstRoom = 64 * 1024;

std::string shown(std::string_view host) { return std::string(host.substr(0, 128)); }

Error cannot_fetch(const std::string& host, std::string_view why) {
  return client_error(ErrorKind::kInvalidRequest,
                      "The URL at " + shown(host) + " could not be fetched: " + std::string(why));
}

// Why, in words that tell a stranger nothing about our network.
Error cannot_fetch(const std::string& host, const Error& error) {
  switch (error.kind) {
    case ErrorKind::kCancelled:
      return error;
    case ErrorKind::kPermissionDenied:
      return cannot_fetch(host,
                          "it is in no public network. Send the data itself (a data: URL), or ask "
                          "the operator to allow this host (FETCH_ALLOW).");
    case ErrorKind::kTimeout:
      return cannot_fetch(host, "it did not answer in time. Send the data itself (a data: URL).");
    default:
      return cannot_fetch(host, "it cannot be reached. Check the URL, or send the data itself.");
  }
}

bool is_plain_host(std::string_view host) {
  return std::ranges::all_of(host, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' ||
           c == ':' || c >= 0x80;
  });
}

Result<net::Url> parse(std::string_view text) {
  text = text.substr(0, text.find('#'));
  const auto bad = [](std::string_view why) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "A URL in this request cannot be fetched: " + std::string(why)));
  };
  if (text.size() > kLongestUrl) return bad("it is too long.");
  // "http://host?query" has no path of its own.
  std::string whole(text);
  const std::size_t authority = whole.find("://");
  if (authority != std::string::npos) {
    const std::size_t end = whole.find_first_of("/?", authority + 3);
    if (end != std::string::npos && whole[end] == '?') whole.insert(end, "/");
  }
  std::ranges::transform(
      whole.begin(),
      whole.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(whole.size(), 8)),
      whole.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  Result<net::Url> url = net::parse_url(whole);
  if (!url) return bad("only http:// and https:// URLs are.");
  if (!url->userinfo.empty() || whole.substr(0, whole.find('/', 8)).contains('@')) {
    return bad("it holds a user name or password.");
  }
  if (!is_plain_host(url->origin.host)) return bad("its host is no host's name.");
  if (url->path.empty()) url->path = "/";
  // Bytes that cannot stand in a request line.
  std::string path;
  for (const char c : url->path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 32 && byte < 127) {
      path += c;
    } else {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      path += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  url->path = std::move(path);
  return url;
}

http::Upstream upstream_of(const net::Url& url, const FetchOptions& options) {
  http::Upstream upstream{.origin = url.origin, .proxy = {}, .rules = &options.rules};
  static const net::AddressRules anywhere({*Cidr::parse("::/0")});
  if (std::ranges::find(options.hosts, url.origin.host) != options.hosts.end()) {
    upstream.rules = &anywhere;
  }
  if (options.proxy && !options.no_proxy.matches(url.origin.host)) {
    upstream.proxy = options.proxy;
    // A literal address needs no name server, and is checked all the same.
    if (options.remote_dns && !parse_ip(url.origin.host)) upstream.rules = nullptr;
  }
  return upstream;
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The body, within bounds.
WASAT_OWN_FRAME Task<Result<std::unique_ptr<Buffer>>> read_all(http::ClientStream& answer,
                                                               const std::string& host,
                                                               const FetchOptions& options,
                                                               Reserved& held,
                                                               net::TimePoint deadline) {
  const Error too_large = cannot_fetch(
      host, "it is larger than the limit of " + std::to_string(options.most_bytes) + " bytes.");
  const Error no_memory = internal_error(
      "the requests that are being served fill the memory set aside for bodies; try again soon",
      ErrorKind::kUnavailable);
  const std::uint64_t announced = answer.content_length().value_or(0);
  if (announced > options.most_bytes) co_return fail(too_large);
  auto body = std::make_unique<Buffer>(
      std::max<std::size_t>(static_cast<std::size_t>(announced), kFirstRoom));
  if (!held.grow_to(body->capacity())) co_return fail(no_memory);
  for (;;) {
    const Result<http::ClientStream::Piece> piece = co_await answer.read(deadline);
    if (!piece) co_return fail(cannot_fetch(host, piece.error()));
    if (piece->idle) {
      const Error late = upstream_error(ErrorKind::kTimeout, Retry::kNever, "late");
      co_return fail(cannot_fetch(host, late));
    }
    const std::size_t size = body->size() + piece->bytes.size();
    if (size > options.most_bytes) co_return fail(too_large);
    if (size > body->capacity()) {
      const std::size_t room = std::max(size, 2 * body->capacity());
      if (!held.grow_to(room)) co_return fail(no_memory);
      body->reserve(room);
    }
    std::ranges::copy(piece->bytes, body->data() + body->size());
    body->resize(size);
    if (piece->ended) co_return body;
  }
}

}  // namespace

Task<Result<dialect::Findings::Fetched>> fetch(std::string url, FetchContext context,
                                               Reserved& held, Cancel& cancel) {
  const FetchOptions& options = context.options;
  const net::TimePoint deadline = context.clock.now() + options.most_time;
  for (int redirects = 0;; ++redirects) {
    const Result<net::Url> target = parse(url);
    if (!target) co_return fail(target.error());
    const std::string host = target->origin.host;
    const http::Upstream upstream = upstream_of(*target, options);
    const std::array<http::Header, 3> headers = {
        http::Header{"User-Agent", "wasat/" WASAT_VERSION},
        http::Header{"Accept", "image/*,audio/*,video/*,application/pdf,text/*;q=0.5,*/*;q=0.1"},
        http::Header{"Accept-Encoding", "identity"}};
    const http::ClientRequest request{.method = "GET", .target = target->path, .headers = headers};
    const Result<std::unique_ptr<http::ClientStream>> answer =
        co_await context.client.send(upstream, request, deadline, &cancel);
    if (!answer) co_return fail(cannot_fetch(host, answer.error()));
    const int status = (*answer)->status();
    if (is_redirect(status)) {
      url = redirected(*target, (*answer)->header("location"));
      if (redirects == kMostRedirects || url.empty()) {
        co_return fail(cannot_fetch(host, "it redirects too often, or nowhere."));
      }
      continue;
    }
    if (status != 200) {
      co_return fail(cannot_fetch(host, "it answers with status " + std::to_string(status) + "."));
    }
    const std::string_view coding = (*answer)->header("content-encoding");
    if (!coding.empty() && !http::equals_ignoring_case(coding, "identity")) {
      co_return fail(cannot_fetch(host, "it answers in a content coding that was not asked for."));
    }
    const Result<std::unique_ptr<Buffer>> body =
        co_await read_all(**answer, host, options, held, deadline);
    if (!body) co_return fail(body.error());
    const std::string_view bytes = (*body)->view();
    if (bytes.empty()) co_return fail(cannot_fetch(host, "it is empty."));
    dialect::Findings::Fetched fetched;
    fetched.mime_type = media_type((*answer)->header("content-type"), bytes);
    if (fetched.mime_type.empty()) {
      co_return fail(cannot_fetch(host,
                                  "it is no media that Gemini takes (images, audio, video, PDF, "
                                  "plain text)."));
    }
    auto base64 = std::make_shared<std::string>();
    if (!held.grow_to((*body)->capacity() + base64_size(bytes.size()))) {
      co_return fail(internal_error(
          "the requests that are being served fill the memory set aside for bodies; try again soon",
          ErrorKind::kUnavailable));
    }
    if (bytes.size() <= kEncodedInPlace) {
      append_base64(*base64, bytes);
    } else {
      auto work = [&base64, bytes] { append_base64(*base64, bytes); };
      co_await context.compute.run(context.loop, std::move(work));
    }
    fetched.base64 = std::move(base64);
    co_return fetched;
  }
}

// RFC 3986 section 5.2, as far as real servers go.
std::string redirected(const net::Url& from, std::string_view location) {
  if (location.empty()) return {};
  const std::string scheme = from.origin.tls ? "https:" : "http:";
  if (location.starts_with("//")) return scheme + std::string(location);
  const std::size_t colon = location.find(':');
  if (colon != std::string_view::npos && colon < location.find_first_of("/?#")) {
    return std::string(location);
  }
  const std::string origin = scheme + "//" + from.origin.authority();
  if (location.starts_with('/')) return origin + std::string(location);
  const std::string_view path = std::string_view(from.path).substr(0, from.path.find('?'));
  if (location.starts_with('?')) return origin + std::string(path) + std::string(location);
  return origin + std::string(path.substr(0, path.rfind('/') + 1)) + std::string(location);
}

}  // namespace wasat::gateway
