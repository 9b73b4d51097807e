// Asking a proxy, over a connection to it, for one to somewhere else.
//
// Part of the connector; one worker. Errors: kUpstreamFailed and kTimeout with the proxy's
// name and without its password, kCancelled.

#pragma once

#include <chrono>
#include <string>

#include "net/origin.h"
#include "net/stream.h"

namespace wasat::net {

// By HTTP's CONNECT (RFC 9110 section 9.3.6).
WASAT_OWN_FRAME Task<Result<>> open_http_tunnel(Stream& stream, const Origin& target,
                                                const Proxy& proxy, TimePoint deadline,
                                                Cancel* cancel);
// By SOCKS5 (RFC 1928, RFC 1929).
WASAT_OWN_FRAME Task<Result<>> open_socks5_tunnel(Stream& stream, const Origin& target,
                                                  const Proxy& proxy, TimePoint deadline,
                                                  Cancel* cancel);

// Why a wait for somebody ended.
Error interrupted(Wake wake, const std::string& who);

}  // namespace wasat::net
