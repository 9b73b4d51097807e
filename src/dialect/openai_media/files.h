// /files on top of Gemini's Files API.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

// `rest`: the path behind "/files": "", "/{id}", "/{id}/content".
Result<std::unique_ptr<Parsed>> parse_files(const Request& request, std::string_view rest);

}  // namespace wasat::dialect::openai_media
