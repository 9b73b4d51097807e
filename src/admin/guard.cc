#include "admin/guard.h"

#include <algorithm>

#include "gateway/admit.h"

namespace wasat::admin {
namespace {

// "name", "name:8080", "[::1]:8080" without the port and the brackets.
std::string_view without_port(std::string_view host) {
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    return end == std::string_view::npos ? std::string_view() : host.substr(1, end - 1);
  }
  return host.substr(0, host.find(':'));
}

bool is_ours(std::string_view host, const GuardOptions& options) {
  std::string_view name = without_port(host);
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty()) return false;
  if (parse_ip(name) || http::equals_ignoring_case(name, "localhost")) return true;
  return std::ranges::any_of(options.hosts, [name](const std::string& each) {
    return http::equals_ignoring_case(without_port(each), name);
  });
}

// "https://host:443" -> "host", with any other port kept.
std::string_view authority_of(std::string_view origin) {
  for (const auto& [scheme, port] :
       {std::pair<std::string_view, std::string_view>{"http://", ":80"}, {"https://", ":443"}}) {
    if (!origin.starts_with(scheme)) continue;
    origin.remove_prefix(scheme.size());
    if (origin.ends_with(port)) origin.remove_suffix(port.size());
    return origin;
  }
  return {};
}

Refusal cross_site() {
  return {.status = 403,
          .code = "cross_site",
          .message = "another web site asked for this, which may not use the admin API",
          .remedy =
              "open the console at Wasat's own address; behind a proxy, let it pass Host on, "
              "or list it in server.trusted_proxies and let it send X-Forwarded-Host"};
}

}  // namespace

std::optional<Refusal> check_address(std::string_view address, const GuardOptions& options) {
  if (options.allow.empty()) return std::nullopt;
  const std::optional<IpAddress> ip = parse_ip(address);
  if (ip && std::ranges::any_of(options.allow,
                                [&ip](const Cidr& range) { return range.contains(*ip); })) {
    return std::nullopt;
  }
  return Refusal{.status = 403,
                 .code = "address_not_allowed",
                 .message = "this address may not use the admin API",
                 .remedy = "add it to the setting admin.allow"};
}

std::optional<Refusal> check_host(const http::ServerRequest& request, const GuardOptions& options) {
  const std::string origin = gateway::public_origin(request, options.trusted_proxies);
  if (is_ours(authority_of(origin), options)) return std::nullopt;
  return Refusal{.status = 421,
                 .code = "host_not_allowed",
                 .message = "the admin API is not served under this host name",
                 .remedy =
                     "use the machine's address, or add the name to the setting admin.hosts "
                     "(WASAT_ADMIN_HOSTS)"};
}

std::optional<Refusal> check_origin(const http::ServerRequest& request,
                                    const GuardOptions& options) {
  const std::string_view site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return cross_site();
  const std::string_view origin = request.header("origin");
  if (origin.empty()) return std::nullopt;
  const std::string ours = gateway::public_origin(request, options.trusted_proxies);
  const std::string_view theirs = authority_of(origin);
  if (!theirs.empty() && http::equals_ignoring_case(theirs, authority_of(ours))) {
    return std::nullopt;
  }
  // TLS may end at a proxy that does not say so: then Host has no port and Origin none either.
  return cross_site();
}

}  // namespace wasat::admin
