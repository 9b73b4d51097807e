// Gemini's files as OpenAI's file objects.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

enum class FilesAction : std::uint8_t { kShow, kList, kDelete };

struct FilesShape {
  FilesAction action = FilesAction::kShow;
  std::string name;                   // "files/abc": of kDelete
  std::string purpose = "user_data";  // Google keeps none
  // Of kList.
  std::string after;  // "files/abc"; empty: from the first on
  std::size_t limit = 0;
  bool ascending = false;  // oldest first
};

// The answer comes whole, in one frame.
std::unique_ptr<Encoder> make_files_encoder(FilesShape shape);

// "2026-11-21T10:00:00.123456Z" in unix seconds; 0 if it is something else.
std::int64_t unix_time(std::string_view text);

}  // namespace wasat::dialect::openai_media
