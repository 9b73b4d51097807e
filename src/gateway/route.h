// Which dialect a request speaks, from its path and headers.
//
// Several protocols share /v1: protocol by protocol the discriminators are a
// header that only one of them sends, a path that only one of them has, and the
// way in which the token is presented.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "http/message.h"

namespace wasat::gateway {

enum class Speaks : std::uint8_t {
  kGemini,
  kLive,   // Gemini's WebSocket
  kRelay,  // the door of relay nodes
  kOpenAiChat,
  kOpenAiResponses,
  kOpenAiMedia,
  kAnthropic,
  kStatusPage,
  kMedia,   // generated media that answers link to
  kApplet,  // the page of relay nodes
  kAdministration,
  kHealthCheck,
  kNothing,
};

struct Route {
  Speaks speaks = Speaks::kNothing;
  // What the dialect gets: "//" collapsed and the mount taken off. Gemini keeps
  // its version ("/v1beta/models"), the others have none ("/chat/completions", "/messages"). Media
  // and applet: the file's name. Administration: the whole path. Relay: "/ws", "/v1/ws" or
  // "/ws/events".
  std::string path;
};

// The admin API: no web page of another origin may use it.
bool is_administration(std::string_view path);

Route find_route(const http::ServerRequest& request);

// Whether relay nodes knock at this target, which may be cut off behind its path.
bool is_relay_door(std::string_view target);

// A guess from the path alone, for what cannot be read as a request.
Speaks speaks_by_path(std::string_view path);

// A parameter of a query string, percent-decoded; empty if there is none.
std::string query_parameter(std::string_view query, std::string_view name);

}  // namespace wasat::gateway
