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

enum class Speaks : std::uint8_t { kGemini, kOpenAiChat, kAnthropic, kStatusPage, kNothing };

struct Route {
  Speaks speaks = Speaks::kNothing;
  // What the dialect gets: "//" collapsed and the mount taken off. Gemini keeps
  // its version ("/v1beta/models"), OpenAI has none ("/chat/completions").
  std::string path;
};

Route find_route(const http::ServerRequest& request);

// A parameter of a query string, percent-decoded; empty if there is none.
std::string query_parameter(std::string_view query, std::string_view name);

}  // namespace wasat::gateway
