// OpenAI's embeddings, images, audio and files on top of Gemini.
//
// Immutable and shared by all workers.

#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

// Paths (without mount prefix):
// POST /embeddings, /images/generations, /images/edits, /audio/speech, /audio/transcriptions,
// /audio/translations; GET and POST /files, GET and DELETE /files/{id}, GET /files/{id}/content.
// POST /images/variations does what /images/edits does, without words.
std::unique_ptr<Dialect> make_openai_media();

}  // namespace wasat::dialect::openai_media
