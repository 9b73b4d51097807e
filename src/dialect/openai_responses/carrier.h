// Thought signatures in reasoning items' encrypted_content.
//
// A reasoning item belongs to what follows it: that is how OpenAI's clients keep and
// send them. But the signature of a streamed text comes with its end, when the
// message has begun already: then the item stands behind its message and says so.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dialect/conversation/signature.h"

namespace wasat::dialect::openai_responses {

struct Carrier {
  std::string_view wrapped;  // for unwrap_signature()
  bool behind = false;       // it belongs to the text before
};

inline constexpr std::string_view kBehind = "Back";  // base64, too

inline std::string write_carrier(std::string_view signature, std::string_view upstream_model,
                                 bool behind) {
  std::string carrier = wrap_signature(signature, upstream_model);
  return behind ? std::string(kBehind) + carrier : carrier;
}

// nullopt: another vendor's.
inline std::optional<Carrier> read_carrier(std::string_view escaped) {
  if (is_wrapped(escaped)) return Carrier{.wrapped = escaped};
  if (!escaped.starts_with(kBehind)) return std::nullopt;
  escaped.remove_prefix(kBehind.size());
  if (!is_wrapped(escaped)) return std::nullopt;
  return Carrier{.wrapped = escaped, .behind = true};
}

}  // namespace wasat::dialect::openai_responses
