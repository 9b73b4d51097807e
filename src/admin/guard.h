// Guard: who may reach the admin API at all, before anybody has logged in.
//
// Pure functions over a request's head. What is not surely allowed is refused.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "base/cidr.h"
#include "http/message.h"

namespace wasat::admin {

struct GuardOptions {
  std::vector<std::string> hosts;  // names under which the admin API may be reached
  std::vector<Cidr> allow;         // client addresses; empty: all
  std::vector<Cidr> trusted_proxies;
};

// The client's address is in the list. `address`: the true one.
std::optional<Refusal> check_address(std::string_view address, const GuardOptions& options);

// The Host (and what a trusted proxy forwards as such) is this machine, a bare address, or a
// name that is ours: a foreign name that leads here (DNS rebinding) makes a page of that name
// our own origin to a browser.
std::optional<Refusal> check_host(const http::ServerRequest& request, const GuardOptions& options);

// A browser says which site asks, by Sec-Fetch-Site or Origin; it must be ours. Programs
// that are no browsers say nothing.
std::optional<Refusal> check_origin(const http::ServerRequest& request,
                                    const GuardOptions& options);

}  // namespace wasat::admin
