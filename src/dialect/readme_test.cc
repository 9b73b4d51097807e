// What the dialects' READMEs promise is proven by the cases that they name.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "base/source_folder_test.h"

namespace wasat::dialect {
namespace {

namespace fs = std::filesystem;

TEST(DialectReadmes, NameCasesThatExist) {
  const std::regex name("`(cases/[A-Za-z0-9_./-]+\\.case)`");
  int named = 0;
  for (const auto& entry : fs::directory_iterator(test::source_folder() / "src/dialect")) {
    const fs::path readme = entry.path() / "README.md";
    if (!fs::exists(readme)) continue;
    std::ostringstream stream;
    stream << std::ifstream(readme).rdbuf();
    const std::string text = stream.str();
    for (std::sregex_iterator found(text.begin(), text.end(), name), end; found != end; ++found) {
      ++named;
      EXPECT_TRUE(fs::exists(entry.path() / (*found)[1].str()))
          << readme << " names " << (*found)[1];
    }
  }
  EXPECT_GT(named, 50);
}

}  // namespace
}  // namespace wasat::dialect
