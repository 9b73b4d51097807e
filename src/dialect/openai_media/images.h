// POST /images/generations, /images/edits, /images/variations.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

Result<std::unique_ptr<Parsed>> parse_images(const Request& request, std::string_view what);

}  // namespace wasat::dialect::openai_media
