#include "gateway/admit.h"

#include <algorithm>

#include "gateway/route.h"

namespace wasat::gateway {
namespace {

// "Token" is how Google's SDKs present an ephemeral token.
constexpr std::string_view kSchemes[] = {"bearer ", "token "};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool is_trusted(std::string_view address, std::span<const Cidr> trusted) {
  const std::optional<IpAddress> ip = parse_ip(address);
  return ip &&
         std::ranges::any_of(trusted, [&ip](const Cidr& range) { return range.contains(*ip); });
}

// The first of a list: what the proxy nearest to the client said.
std::string_view first_of_list(std::string_view list) {
  return trim(list.substr(0, list.find(',')));
}

}  // namespace

std::string presented_token(const http::ServerRequest& request) {
  const std::string_view authorization = request.header("authorization");
  for (const std::string_view scheme : kSchemes) {
    if (authorization.size() > scheme.size() &&
        http::equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
      return std::string(trim(authorization.substr(scheme.size())));
    }
  }
  for (const std::string_view name : {"x-goog-api-key", "x-api-key"}) {
    if (const std::string_view value = request.header(name); !value.empty()) {
      return std::string(trim(value));
    }
  }
  const std::string key = query_parameter(request.query, "key");
  return key.empty() ? query_parameter(request.query, "access_token") : key;
}

Result<std::shared_ptr<const account::Token>> authenticate(const http::ServerRequest& request,
                                                           const account::TokenTable& tokens) {
  const std::string presented = presented_token(request);
  if (presented.empty()) {
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "no token was given. Send Wasat's client token as 'Authorization: "
                             "Bearer TOKEN' or 'x-goog-api-key: TOKEN'."));
  }
  std::shared_ptr<const account::Token> token = tokens.find(presented);
  if (token == nullptr) {
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "this token is not known here. Use a client token that Wasat issued, "
                             "or one from ALLOWED_TOKENS; upstream keys are no tokens."));
  }
  if (token->kind != account::TokenKind::kClient) {
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "this token lets a relay node connect and opens nothing else. Use a "
                             "client token that Wasat issued, or one from ALLOWED_TOKENS."));
  }
  return token;
}

std::string public_origin(const http::ServerRequest& request, std::span<const Cidr> trusted) {
  std::string_view scheme = "http";
  std::string_view host = request.header("host");
  if (is_trusted(request.remote_address, trusted)) {
    const std::string_view proto = first_of_list(request.header("x-forwarded-proto"));
    if (http::equals_ignoring_case(proto, "https")) scheme = "https";
    const std::string_view forwarded = first_of_list(request.header("x-forwarded-host"));
    if (!forwarded.empty()) host = forwarded;
  }
  const bool plain = std::ranges::all_of(host, [](unsigned char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
           c == '-' || c == '_' || c == ':' || c == '[' || c == ']';
  });
  if (host.empty() || !plain) return {};
  return std::string(scheme).append("://").append(host);
}

std::string client_address(const http::ServerRequest& request, std::span<const Cidr> trusted) {
  std::string_view address = request.remote_address;
  if (trusted.empty() || !is_trusted(address, trusted)) return std::string(address);
  std::string_view forwarded = request.header("x-forwarded-for");
  while (!forwarded.empty()) {
    const std::size_t comma = forwarded.rfind(',');
    const std::string_view hop =
        trim(comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1));
    forwarded = comma == std::string_view::npos ? std::string_view() : forwarded.substr(0, comma);
    if (!parse_ip(hop)) break;
    address = hop;
    if (!is_trusted(hop, trusted)) break;
  }
  return std::string(address);
}

}  // namespace wasat::gateway
