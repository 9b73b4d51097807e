// CORS (fetch.spec.whatwg.org): which web pages may read our answers.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "http/message.h"

namespace wasat::gateway {

// The value of Access-Control-Allow-Origin for this request; empty: none is sent.
// `allowed` holds origins, or "*" for all.
std::string_view allowed_origin(const http::ServerRequest& request,
                                std::span<const std::string> allowed);

}  // namespace wasat::gateway
