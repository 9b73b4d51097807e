// POST /audio/transcriptions and /audio/translations: audio to text.

#pragma once

#include "dialect/dialect.h"
#include "dialect/options.h"

namespace wasat::dialect::openai_media {

// `options` outlives the parsed request.
Result<std::unique_ptr<Parsed>> parse_transcription(const Request& request, bool translate,
                                                    const Options& options);

}  // namespace wasat::dialect::openai_media
