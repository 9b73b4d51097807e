#include "net/authorities.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/temp_folder.h"

namespace wasat::net {
namespace {

TEST(Authorities, AHashedFolderMakesTheFileNeedless) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.file("hashed"));
  write_file(folder.file("hashed/ca-certificates.crt"), "");
  EXPECT_TRUE(needs_authority_file(folder.file("hashed"), nullptr));
  write_file(folder.file("hashed/002c0b4f.0"), "");
  EXPECT_FALSE(needs_authority_file(folder.file("hashed"), nullptr));
  EXPECT_FALSE(needs_authority_file(folder.file("none") + ":" + folder.file("hashed"), nullptr));
}

TEST(Authorities, AFolderWithoutHashesIsNone) {
  const TempFolder folder;
  EXPECT_TRUE(needs_authority_file(folder.file("none"), nullptr));
  EXPECT_TRUE(needs_authority_file("", nullptr));
  for (const char* name : {"GlobalSig.0", "ca.pem", "002c0b4f.r0", "2c0b4f.0", "002C0B4F.0"}) {
    write_file(folder.file(name), "");
  }
  EXPECT_TRUE(needs_authority_file(folder.file(""), nullptr));
}

TEST(Authorities, AFileThatIsNamedIsAlwaysRead) {
  const TempFolder folder;
  write_file(folder.file("002c0b4f.0"), "");
  EXPECT_FALSE(needs_authority_file(folder.file(""), nullptr));
  EXPECT_TRUE(needs_authority_file(folder.file(""), "/etc/private-authority.pem"));
}

}  // namespace
}  // namespace wasat::net
