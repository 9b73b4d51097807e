// Where the Gemini API is and how it is reached. Made of the settings and replaced with them;
// an exchange keeps those that it began with.

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "net/origin.h"
#include "provider/egress.h"

namespace wasat::provider {

struct ApiKeyOptions {
  Egress egress;                        // the upstream, by each credential's way out
  std::string path_prefix;              // before "/v1beta", without a trailing slash; mostly empty
  std::size_t max_answer = 256u << 20;  // bytes of an answer that is no stream, or of one event
  std::chrono::seconds body_idle{240};  // between two pieces of an answer that is no stream
};

struct ApiAddress {
  net::Origin origin;
  std::string path_prefix;
};
// Splits GEMINI_BASE_URL: a trailing "/v1beta" or "/v1" is what many write there
// and is dropped.
Result<ApiAddress> parse_api_address(std::string_view base_url);

}  // namespace wasat::provider
