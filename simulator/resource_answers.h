// Answers about what keys have made: everything of the Gemini API that is no call
// to a model and no upload.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dialect/gemini/path.h"
#include "json/reader.h"
#include "simulator/google_error.h"
#include "simulator/holdings.h"
#include "simulator/outcome.h"

namespace wasat::simulator {

struct ResourceRequest {
  std::string_view key;
  std::string_view http_method;
  const dialect::native::Target& target;
  PaddedView body;
};

// Nothing: the path is none of these.
std::optional<Outcome> answer_resource(Holdings& holdings, const ResourceRequest& request);

// Why this key may not use what the body names (files, caches, stores); code 0
// when it may.
GoogleError refused_names(Holdings& holdings, std::string_view key, PaddedView body,
                          const dialect::native::Target& target);

// {"name": "files/x", "mimeType": ...}
std::string file_json(const Holding& file);
// Its file, once the bytes are there; for a store, the operation that takes it in.
std::string finish_upload(Holdings& holdings, const Upload& upload, std::uint64_t size,
                          std::string_view sha256);

std::string time_text(std::int64_t unix_seconds);  // "2026-11-21T10:09:15Z"
std::int64_t now_seconds();

}  // namespace wasat::simulator
