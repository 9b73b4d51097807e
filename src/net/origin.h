// Where an upstream is: scheme, host and port; and the proxy on the way there.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wasat::net {

struct Origin {
  bool tls = true;
  std::string host;  // a name or an address without brackets
  std::uint16_t port = 443;

  // "host", or "host:port" when the port is not the scheme's own; for Host headers.
  std::string authority() const;
  bool operator==(const Origin&) const = default;
};

struct Url {
  Origin origin;
  std::string path;      // with its leading "/"; empty when there is none
  std::string userinfo;  // "user:password", percent-decoded
};

// http:// and https:// URLs without fragment. Errors name no userinfo.
Result<Url> parse_url(std::string_view text);

// Who makes connections for us.
struct Proxy {
  enum class Kind : std::uint8_t {
    kHttp,            // is asked to CONNECT, and resolves names
    kSocks5,          // gets addresses: names are resolved here
    kSocks5WithNames  // resolves names itself
  };
  Kind kind = Kind::kHttp;
  Origin origin;              // tls is false
  std::string authorization;  // of kHttp: the value of Proxy-Authorization, or empty
  std::string user;           // of SOCKS5, or empty
  std::string password;

  // "socks5h://host:1080", without user and password: for logs.
  std::string name() const;
  bool operator==(const Proxy&) const = default;
};

// "http://[user:password@]host:port" or "host:port", "socks5://..." and "socks5h://...", whose
// port is 1080 when none is given. Errors name neither user nor password.
Result<Proxy> parse_proxy(std::string_view text);

// NO_PROXY: names, ".suffixes", addresses, "*", separated by commas; ports are ignored.
class NoProxy {
 public:
  NoProxy() = default;
  explicit NoProxy(std::string_view list);
  bool matches(std::string_view host) const;

 private:
  std::vector<std::string> entries_;
};

}  // namespace wasat::net
