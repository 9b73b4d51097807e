// Where recorded answers of Gemini and requests of clients are, which do not belong to the
// repository: tests that read them are skipped where there are none.

#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/source_folder_test.h"
#include "base/temp_folder.h"

namespace wasat::test {

// May not exist.
inline std::filesystem::path recordings_folder() {
  const char* const chosen = std::getenv("WASAT_FIXTURES");
  return chosen != nullptr ? std::filesystem::path(chosen)
                           : source_folder() / ".." / "shared" / "fixtures";
}

inline bool has_recordings() { return std::filesystem::exists(recordings_folder()); }

}  // namespace wasat::test

// At the beginning of a test that reads them.
#define WASAT_SKIP_WITHOUT_RECORDINGS() \
  if (!wasat::test::has_recordings())   \
  GTEST_SKIP() << "no recordings at " << wasat::test::recordings_folder() << " (set WASAT_FIXTURES)"
