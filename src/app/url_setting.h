// The two URLs that an operator can set, checked and brought to one form.

#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace wasat::app {

struct UrlFinding {
  Secret text;          // normal form; may hold a proxy's password
  std::string problem;  // empty: it is fine; never with a password
  std::string remedy;
  bool plain_text = false;  // http to somewhere else than this machine
};

// "generativelanguage.googleapis.com", "https://host:444/prefix/v1beta/": scheme, host, port and
// prefix stay; a version or "openai" at the end goes, since Wasat appends its own.
UrlFinding read_base_url(std::string_view text);

// "http://user:password@host:port" or "host:port", "socks5://...", "socks5h://..."; empty: no
// proxy.
UrlFinding read_proxy_url(std::string_view text);

}  // namespace wasat::app
