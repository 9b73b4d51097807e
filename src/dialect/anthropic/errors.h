// Errors in Anthropic's form: {"type":"error","error":{"type","message"},"request_id"}.

#pragma once

#include <string>
#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect::anthropic {

// Error::param of a thread that is not known: the error says so in the words that make the
// SDK send the whole conversation again.
inline constexpr std::string_view kLostThread = "thread.previous_message_id";

// `id`: of the exchange; empty: request_id is null.
void append_error(std::string& out, const Error& error, std::string_view id);
ErrorReply error_reply(const Error& error, std::string_view id);

}  // namespace wasat::dialect::anthropic
