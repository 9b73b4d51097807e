// What a native path asks for: /{version}/models/{model}:{verb} and the rest.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gemini/call.h"

namespace wasat::dialect::native {

enum class Framing : std::uint8_t {
  kUnary,  // one JSON value
  kSse,    // ?alt=sse
  kArray,  // a stream without it: one JSON array, element by element
};

struct Target {
  gemini::Method method = gemini::Method::kRaw;
  std::string version;  // "v1beta"
  std::string model;    // cleaned of prefixes; empty for lists and raw paths
  std::string path;     // with the version; what kRaw asks the upstream for
  std::string query;    // without credentials
  Framing framing = Framing::kUnary;
};

// Errors: kMethodNotAllowed, kNotFound, kUnsupported, kInvalidRequest.
[[nodiscard]] Result<Target> parse_target(std::string_view http_method, std::string_view path,
                                          std::string_view query, std::string_view default_version);

// The query without the parameters that carry credentials.
std::string without_credentials(std::string_view query);

}  // namespace wasat::dialect::native
