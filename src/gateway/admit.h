// Admission: who asks, and from where.

#pragma once

#include <memory>
#include <span>
#include <string>

#include "account/token_table.h"
#include "base/cidr.h"
#include "base/result.h"
#include "http/message.h"

namespace wasat::gateway {

// The token as presented: "Authorization: Bearer", "x-goog-api-key", "x-api-key",
// "?key=" or "?access_token=", in this order. Empty if there is none.
std::string presented_token(const http::ServerRequest& request);

// The token that the request presents. Error: kUnauthenticated, which says how to
// present one.
Result<std::shared_ptr<const account::Token>> authenticate(const http::ServerRequest& request,
                                                           const account::TokenTable& tokens);

// Under which address clients know us, for URLs that we hand out: "https://host".
// What a trusted proxy says of itself counts. Empty when the request names no host.
std::string public_origin(const http::ServerRequest& request, std::span<const Cidr> trusted);

// The client's address: the peer's, or, when the peer is a trusted proxy, the
// last address in X-Forwarded-For that is not one.
std::string client_address(const http::ServerRequest& request, std::span<const Cidr> trusted);

}  // namespace wasat::gateway
