// POST /audio/speech: text to audio.

#pragma once

#include "dialect/dialect.h"
#include "dialect/options.h"

namespace wasat::dialect::openai_media {

Result<std::unique_ptr<Parsed>> parse_speech(const Request& request);

}  // namespace wasat::dialect::openai_media
