#include "gateway/node_token.h"

#include <algorithm>

#include "gateway/admit.h"
#include "gateway/route.h"

namespace wasat::gateway {

std::string presented_node_token(const http::ServerRequest& request,
                                 std::span<const std::string_view> subprotocols) {
  for (const std::string_view offered : subprotocols) {
    if (offered.starts_with(kTokenSubprotocol)) {
      return std::string(offered.substr(kTokenSubprotocol.size()));
    }
  }
  for (const std::string_view name : {"token", "auth_token"}) {
    if (std::string given = query_parameter(request.query, name); !given.empty()) return given;
  }
  return presented_token(request);
}

std::string_view chosen_subprotocol(std::span<const std::string_view> subprotocols) {
  if (std::ranges::find(subprotocols, kNodeSubprotocol) != subprotocols.end()) {
    return kNodeSubprotocol;
  }
  const auto other = std::ranges::find_if(subprotocols, [](std::string_view offered) {
    return !offered.starts_with(kTokenSubprotocol);
  });
  return other != subprotocols.end() ? *other : std::string_view();
}

}  // namespace wasat::gateway
