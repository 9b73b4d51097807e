// Options: what a node is told at its start. Plain values; fixed while it runs.

#pragma once

#include <chrono>
#include <string>

#include "base/secret.h"
#include "http/client.h"

namespace wasat::node {

struct Options {
  http::Upstream relay;      // where the WebSocket is
  std::string relay_target;  // "/ws?name=attic"
  Secret token;              // what the relay asks for; empty: nothing is presented

  http::Upstream gemini;
  std::string gemini_prefix;  // in front of "/v1beta"; usually empty
  Secret key;                 // never leaves for anywhere but `gemini`

  std::size_t most_requests = 32;           // at a time; what comes beyond is refused
  std::size_t most_message = (512u << 20);  // bytes of a body, either way
  // Bytes of all requests that Gemini has not got and all answers, but streams, that the relay
  // has not got, together; what comes beyond is refused.
  std::size_t most_held = 1u << 30;
  std::chrono::seconds connect_timeout{15};    // until the relay has accepted the WebSocket
  std::chrono::seconds first_byte{600};        // until Gemini's answer begins
  std::chrono::seconds body_idle{300};         // between two pieces of it
  std::chrono::milliseconds first_delay{500};  // before the second try to connect; doubles
  std::chrono::milliseconds longest_delay{60'000};
};

}  // namespace wasat::node
