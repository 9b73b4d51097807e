// POST /audio/transcriptions and /audio/translations: audio to text.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

Result<std::unique_ptr<Parsed>> parse_transcription(const Request& request, bool translate);

}  // namespace wasat::dialect::openai_media
