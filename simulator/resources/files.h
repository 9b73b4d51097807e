// Files: uploaded, or made by videos and batches.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simulator/holdings.h"
#include "simulator/outcome.h"

namespace wasat::simulator {

std::string file_json(const Holding& file);
// "https://.../v1beta/files/x:download?alt=media"
std::string download_uri(const Holding& file);
// Its bytes, if it was made here.
Outcome download(const Holding& file);
// Its file, once the bytes are there; for a store, the operation that takes it in.
std::string finish_upload(Holdings& holdings, const Upload& upload, std::uint64_t size,
                          std::string_view sha256);

}  // namespace wasat::simulator
