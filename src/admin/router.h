// The routes of the admin API: which method and path leads to which resource, and what it
// takes to be let in.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "admin/call.h"
#include "base/task.h"
#include "http/message.h"

namespace wasat::gateway {
struct Worker;
}

namespace wasat::admin {

struct Context;

enum class Needs : std::uint8_t {
  kSession,  // somebody who has logged in
  kNothing,  // open to whoever reaches the admin API: logging in
  // A session's token or the admin password as a Bearer: scripts that were written for other
  // gateways know nothing else.
  kSessionOrPassword,
};

// On the admin thread, where blocking is allowed.
using Handler = Answer (*)(Context& context, Call& call);
// On the worker: for answers that are streams, and for what speaks to an upstream. Answers itself.
using Streamer = Task<> (*)(Context& context, Call& call, gateway::Worker& worker,
                            http::ServerRequest& request, http::ServerResponse& response);

inline constexpr std::size_t kMostBody = 256 * 1024;

struct Route {
  std::string_view method;
  // Behind /api/admin/v1: "/credentials/{id}/enable".
  std::string_view path;
  // In the audit log: "credential.enable". Empty: it changes nothing, and is not noted.
  std::string_view action;
  Handler handle = nullptr;
  Streamer stream = nullptr;  // instead of `handle`
  Needs needs = Needs::kSession;
  std::size_t most_body = kMostBody;
};

struct Match {
  const Route* route = nullptr;
  std::vector<std::string> parameters;
  std::string allowed;  // methods of the path when the method is none of them: "GET, POST"
};

// `path`: behind /api/admin/v1. Words of a pattern outrank its parameters.
Match find_route(std::span<const std::span<const Route>> routes, std::string_view method,
                 std::string_view path);

}  // namespace wasat::admin
