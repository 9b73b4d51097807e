// What the encoders must know of a request, so that it can be freed while its
// answer streams.

#pragma once

#include "dialect/conversation/answer_shape.h"

namespace wasat::dialect::anthropic {

struct AnswerForm {
  AnswerShape shape;
  bool thinks = false;  // the client expects thinking blocks
  // Server tools that the client has offered: what Gemini does of that is told in blocks.
  bool searches = false;
  bool fetches = false;
  bool runs_code = false;
};

}  // namespace wasat::dialect::anthropic
