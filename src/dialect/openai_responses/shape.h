// What an answer's form depends on beside Gemini's chunks. Made by the parsed
// request; stands alone, so that the request can be freed while its answer streams.

#pragma once

#include <string>

#include "dialect/conversation/answer_reader.h"
#include "dialect/openai_responses/tools.h"

namespace wasat::dialect::openai_responses {

struct ResponsesShape {
  AnswerShape answer;
  // Members of the response object that do not change while it grows, without braces.
  std::string members;
  // All items that led to the answer, without brackets; for the memo.
  std::string history;
  bool store = false;
  bool sources = false;  // of web searches
  ClientTools client;
};

}  // namespace wasat::dialect::openai_responses
