// Answers of relay nodes as the gateway pulls them: chunk by chunk, or as an HTTP body.

#pragma once

#include <memory>

#include "provider/relay/asked.h"

namespace wasat::provider {

// Of an answer that comes in chunks, or in one. `stream`: chunks are wanted; else all must
// be one, which may be given in pieces if `in_pieces` (Call). `most`: bytes of a chunk.
std::unique_ptr<ChunkStream> make_node_chunks(Asked asked, const relay::Errand::Head& head,
                                              bool stream, bool in_pieces, std::size_t most);

// Of any answer. `head` is copied.
std::unique_ptr<http::ClientStream> make_node_body(Asked asked, const relay::Errand::Head& head);

}  // namespace wasat::provider
