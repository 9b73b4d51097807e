// Errors in OpenAI's form: {"error":{"message","type","param","code"}}.

#pragma once

#include <string>

#include "dialect/dialect.h"

namespace wasat::dialect::openai {

// For people, with the time to wait, which some clients read out of it.
std::string error_message(const Error& error);
void append_error(std::string& out, const Error& error);
ErrorReply error_reply(const Error& error);

}  // namespace wasat::dialect::openai
