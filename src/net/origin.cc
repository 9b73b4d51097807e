#include "net/origin.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace wasat::net {
namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

std::string percent_decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr ==
            text.data() + i + 3) {
      out.push_back(static_cast<char>(value));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::string base64(std::string_view text) {
  static constexpr char kAlphabet[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      out.push_back(i + j > text.size() ? '=' : kAlphabet[bits >> (18 - 6 * j) & 63]);
    }
  }
  return out;
}

Error bad_url(std::string_view why) {
  return internal_error("not a usable URL: " + std::string(why) +
                        ". Write it as https://host or http://host:port.");
}

}  // namespace

std::string Origin::authority() const {
  const bool literal6 = host.find(':') != std::string::npos;
  std::string out = literal6 ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) out += ":" + std::to_string(port);
  return out;
}

Result<Url> parse_url(std::string_view text) {
  Url url;
  if (text.starts_with("https://")) {
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
    url.origin.tls = false;
    url.origin.port = 80;
  } else {
    return fail(bad_url("it begins with neither http:// nor https://"));
  }
  const std::size_t slash = text.find('/');
  std::string_view authority = text.substr(0, slash);
  if (slash != std::string_view::npos) url.path = text.substr(slash);
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    url.userinfo = percent_decode(authority.substr(0, at));
    authority.remove_prefix(at + 1);
  }
  std::string_view host = authority;
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return fail(bad_url("a [ is never closed"));
    host = authority.substr(1, end - 1);
    port = authority.substr(end + 1);
  } else if (const std::size_t colon = authority.rfind(':'); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon);
  }
  if (host.empty()) return fail(bad_url("it names no host"));
  if (std::ranges::any_of(host, [](unsigned char c) { return c <= ' ' || c == 127; })) {
    return fail(bad_url("its host holds a space or control character"));
  }
  if (!port.empty()) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(port.data() + 1, port.data() + port.size(), value);
    if (port[0] != ':' || error != std::errc() || end != port.data() + port.size() || value == 0 ||
        value > 65535) {
      return fail(bad_url("its port is not a number from 1 to 65535"));
    }
    url.origin.port = static_cast<std::uint16_t>(value);
  }
  url.origin.host = lower(host);
  return url;
}

Result<Proxy> parse_proxy(std::string_view text) {
  const std::size_t end = text.find("://");
  const std::string scheme =
      end == std::string_view::npos ? std::string("http") : lower(text.substr(0, end));
  std::string_view rest = end == std::string_view::npos ? text : text.substr(end + 3);
  Proxy proxy;
  if (scheme == "socks5") {
    proxy.kind = Proxy::Kind::kSocks5;
  } else if (scheme == "socks5h") {
    proxy.kind = Proxy::Kind::kSocks5WithNames;
  } else if (scheme != "http") {
    return fail(internal_error(
        "the proxy's URL must begin with http:// (a proxy that is asked to CONNECT), socks5:// or "
        "socks5h:// (which resolves names itself)"));
  }
  const Result<Url> url = parse_url("http://" + std::string(rest));
  if (!url) return fail(url.error());
  if (!url->path.empty() && url->path != "/") {
    return fail(internal_error("the proxy's URL has a path"));
  }
  proxy.origin = url->origin;
  if (proxy.kind == Proxy::Kind::kHttp) {
    if (!url->userinfo.empty()) proxy.authorization = "Basic " + base64(url->userinfo);
    return proxy;
  }
  rest = rest.substr(0, rest.find('/'));
  const std::size_t at = rest.rfind('@');
  const std::string_view authority = at == std::string_view::npos ? rest : rest.substr(at + 1);
  if (authority.find(':',
                     authority.find(']') == std::string_view::npos ? 0 : authority.find(']')) ==
      std::string_view::npos) {
    proxy.origin.port = 1080;
  }
  if (proxy.origin.host.size() > 255) return fail(bad_url("its host is too long"));
  if (at != std::string_view::npos) {
    const std::string_view userinfo = rest.substr(0, at);
    const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
    proxy.user = percent_decode(userinfo.substr(0, colon));
    proxy.password = percent_decode(userinfo.substr(std::min(colon + 1, userinfo.size())));
    if (proxy.user.empty() || proxy.user.size() > 255 || proxy.password.size() > 255) {
      return fail(internal_error(
          "the user name of a SOCKS5 proxy must have 1 to 255 bytes, its password at most 255"));
    }
  }
  return proxy;
}

std::string Proxy::name() const {
  const bool literal6 = origin.host.find(':') != std::string::npos;
  const std::string_view scheme = kind == Kind::kHttp     ? "http://"
                                  : kind == Kind::kSocks5 ? "socks5://"
                                                          : "socks5h://";
  return std::string(scheme) + (literal6 ? "[" + origin.host + "]" : origin.host) + ":" +
         std::to_string(origin.port);
}

NoProxy::NoProxy(std::string_view list) {
  while (!list.empty()) {
    const std::size_t comma = list.find(',');
    std::string_view entry = list.substr(0, comma);
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
    while (!entry.empty() && entry.front() == ' ') entry.remove_prefix(1);
    while (!entry.empty() && entry.back() == ' ') entry.remove_suffix(1);
    if (entry.starts_with("*.")) entry.remove_prefix(1);
    if (std::ranges::count(entry, ':') == 1) entry = entry.substr(0, entry.find(':'));
    if (!entry.empty()) entries_.push_back(lower(entry));
  }
}

bool NoProxy::matches(std::string_view host) const {
  return std::ranges::any_of(entries_, [host](std::string_view entry) {
    if (entry == "*" || entry == host) return true;
    if (!entry.starts_with('.')) {
      // "example.com" covers its subdomains, as curl reads it.
      return host.size() > entry.size() && host.ends_with(entry) &&
             host[host.size() - entry.size() - 1] == '.';
    }
    return host.ends_with(entry) || host == entry.substr(1);
  });
}

}  // namespace wasat::net
