// How a relay node says who it is, in the request that asks for its WebSocket.
//
// A page in a browser can set no header but the subprotocols that it offers; headless nodes
// use a Bearer, and what cannot be changed otherwise gets its token by the address. A secret
// among the subprotocols is never the one that is chosen, since that is sent back.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace wasat::gateway {

// What a node offers beside its token: that is chosen.
inline constexpr std::string_view kNodeSubprotocol = "wasat.relay";
// "wasat.token.<token>"
inline constexpr std::string_view kTokenSubprotocol = "wasat.token.";

// The token of "wasat.token.<token>" among the subprotocols, of "?token=" or "?auth_token=",
// or as a client would present it, in this order. Empty if there is none.
std::string presented_node_token(const http::ServerRequest& request,
                                 std::span<const std::string_view> subprotocols);

// Of those that are offered, the one to choose; empty: none.
std::string_view chosen_subprotocol(std::span<const std::string_view> subprotocols);

}  // namespace wasat::gateway
