// POST /images/generations, /images/edits, /images/variations.

#pragma once

#include "dialect/dialect.h"
#include "dialect/options.h"

namespace wasat::dialect::openai_media {

// `options` outlives the parsed request.
Result<std::unique_ptr<Parsed>> parse_images(const Request& request, std::string_view what,
                                             const Options& options);

}  // namespace wasat::dialect::openai_media
