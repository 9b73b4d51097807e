// Gemini's chunks on their way to a native client: the upstream's own bytes.

#pragma once

#include <memory>

#include "dialect/dialect.h"
#include "dialect/gemini/path.h"

namespace wasat::dialect::native {

std::unique_ptr<Encoder> make_encoder(gemini::Method method, Framing framing,
                                      const AnswerContext& context);

}  // namespace wasat::dialect::native
