// An Error in Google's own form:
// {"error":{"code":429,"message":"...","status":"RESOURCE_EXHAUSTED","details":[...]}}
//
// Clients of the native dialect and of raw paths get this, and so do streams
// that break (SDKs throw on a chunk that is an error object).

#pragma once

#include <string>

#include "base/result.h"

namespace wasat::gemini {

// Appends the object. Details: RetryInfo when retry_after is known, BadRequest
// when a field is named.
void append_error_body(std::string& out, const Error& error);
std::string error_body(const Error& error);

// 34.4 s as protobuf writes it: "34.400s"; whole seconds as "34s".
std::string duration_text(std::chrono::milliseconds duration);

}  // namespace wasat::gemini
