// Where the sources are that the tests were built from: some tests read documents and cases.

#pragma once

#include <filesystem>

namespace wasat::test {

// Absolute. Generated (cmake/source_folder.cc.in), so that the path stands in one object
// and not in the compiler's command for each.
std::filesystem::path source_folder();

}  // namespace wasat::test
