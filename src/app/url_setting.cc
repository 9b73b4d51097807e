#include "app/url_setting.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "app/text.h"
#include "base/cidr.h"
#include "net/origin.h"

namespace wasat::app {
namespace {

struct Parts {
  std::string scheme;  // lower case; empty: none was given
  std::string_view user_info;
  std::string_view host;
  std::string_view port;
  std::string_view path;
};

Parts split(std::string_view text) {
  Parts parts;
  if (const std::size_t end = text.find("://"); end != std::string_view::npos) {
    parts.scheme = lower(text.substr(0, end));
    text.remove_prefix(end + 3);
  }
  const std::size_t slash = text.find('/');
  if (slash != std::string_view::npos) parts.path = text.substr(slash);
  text = text.substr(0, slash);
  if (const std::size_t at = text.rfind('@'); at != std::string_view::npos) {
    parts.user_info = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  const std::size_t bracket = text.find(']');
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  parts.host = text.substr(0, colon);
  if (colon != std::string_view::npos) parts.port = text.substr(colon + 1);
  return parts;
}

bool valid_host(std::string_view host) {
  if (host.starts_with('[') && host.ends_with(']')) {
    const auto inside = host.substr(1, host.size() - 2);
    return inside.contains(':') && parse_ip(inside).has_value();
  }
  return !host.empty() && std::ranges::all_of(host, [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.' || c == '_';
  });
}

bool valid_port(std::string_view port) {
  const auto number = parse_integer(port);
  return port.empty() || (number && *number > 0 && *number <= 65535);
}

bool is_this_machine(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  const auto address = parse_ip(host);
  return address && Cidr::parse("127.0.0.0/8")->contains(*address);
}

UrlFinding refuse(std::string problem, std::string remedy) {
  return {.problem = std::move(problem), .remedy = std::move(remedy)};
}

}  // namespace

UrlFinding read_base_url(std::string_view text) {
  constexpr std::string_view kRemedy =
      "use a URL such as https://generativelanguage.googleapis.com";
  const Parts parts = split(text);
  const std::string scheme = parts.scheme.empty() ? "https" : parts.scheme;
  if (scheme != "https" && scheme != "http") {
    return refuse("is neither an https:// nor an http:// URL", std::string(kRemedy));
  }
  if (!valid_host(parts.host) || !valid_port(parts.port)) {
    return refuse("has no valid host and port", std::string(kRemedy));
  }
  if (!parts.user_info.empty() || parts.path.find_first_of("?# \t") != std::string_view::npos) {
    return refuse("has more than scheme, host, port and path", std::string(kRemedy));
  }
  std::string_view path = parts.path;
  for (bool shorter = true; shorter;) {
    shorter = false;
    for (const std::string_view end : {"/", "/v1beta", "/v1alpha", "/v1", "/openai", "/models"}) {
      if (!path.ends_with(end)) continue;
      path.remove_suffix(end.size());
      shorter = true;
    }
  }
  std::string url = scheme + "://" + lower(parts.host);
  if (!parts.port.empty()) url.append(":").append(parts.port);
  url.append(path);
  if (!net::parse_url(url)) return refuse("has no valid host and port", std::string(kRemedy));
  return {.text = Secret(url), .plain_text = scheme == "http" && !is_this_machine(parts.host)};
}

UrlFinding read_proxy_url(std::string_view text) {
  constexpr std::string_view kRemedy = "use a URL such as http://user:password@proxy.example:3128";
  if (text.empty()) return {};
  const Parts parts = split(text);
  const std::string scheme = parts.scheme.empty() ? "http" : parts.scheme;
  const bool socks = scheme == "socks5" || scheme == "socks5h";
  if (scheme != "http" && !socks) {
    return refuse("asks for a kind of proxy that this version does not speak (" + scheme + ")",
                  "use http://host:port, socks5://host:port or socks5h://host:port");
  }
  const bool has_path = !parts.path.empty() && parts.path != "/";
  if (!valid_host(parts.host) || !valid_port(parts.port) || has_path) {
    return refuse("is no proxy's address", std::string(kRemedy));
  }
  std::string url = scheme + "://";
  if (!parts.user_info.empty()) url.append(parts.user_info).append("@");
  url.append(lower(parts.host))
      .append(":")
      .append(parts.port.empty() ? (socks ? "1080" : "80") : parts.port);
  // What is too long for SOCKS5's own form.
  if (!net::parse_proxy(url)) return refuse("is no proxy's address", std::string(kRemedy));
  return {.text = Secret(url)};
}

}  // namespace wasat::app
