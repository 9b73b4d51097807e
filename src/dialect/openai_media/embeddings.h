// POST /embeddings: one or more batchEmbedContents.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

Result<std::unique_ptr<Parsed>> parse_embeddings(const Request& request);

}  // namespace wasat::dialect::openai_media
