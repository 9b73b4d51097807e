// Gemini's thought signatures in carriers that other vendors' clients pass back
// unread (Anthropic's thinking.signature, OpenAI's reasoning.encrypted_content).
//
// A carrier says whose it is and which model family signed, so that what comes
// from real Claude or GPT, or from another model, is known and left out:
// Gemini refuses the whole request for a signature that is not its own.

#pragma once

#include <string>
#include <string_view>

namespace wasat::dialect {

// Base64 letters only, so that every client takes it. `signature` is escaped as in JSON.
std::string wrap_signature(std::string_view signature, std::string_view upstream_model);
// The signature, escaped, when `carrier` is one of ours and `upstream_model` can read it; else
// empty.
std::string_view unwrap_signature(std::string_view carrier, std::string_view upstream_model);
// Whether it is one of ours at all.
bool is_wrapped(std::string_view carrier);

// Base64 of either alphabet. Anything else comes from another vendor or was damaged.
bool is_signature(std::string_view escaped);

}  // namespace wasat::dialect
