#include "store/data_folder.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temp_folder.h"

namespace wasat::store {
namespace {

TEST(DataFolder, IsMadeForItsOwnerAlone) {
  const TempFolder temp;
  const std::string path = temp.file("a/b/data");
  ASSERT_TRUE(prepare_data_folder(path).has_value());
  EXPECT_EQ(mode_of(path), 0700u);
  EXPECT_TRUE(prepare_data_folder(path).has_value());
}

TEST(DataFolder, OfOursIsClosedToOthers) {
  const TempFolder temp;
  chmod(temp.path().c_str(), 0755);
  EXPECT_TRUE(check_data_folder(temp.path()).has_value());
  EXPECT_EQ(mode_of(temp.path()), 0755u);  // checking changes nothing
  ASSERT_TRUE(prepare_data_folder(temp.path()).has_value());
  EXPECT_EQ(mode_of(temp.path()), 0700u);
}

TEST(DataFolder, WithForeignFilesIsNotTouchedButRefused) {
  const TempFolder temp;
  write_file(temp.file("holiday.jpg"), "x");
  chmod(temp.path().c_str(), 0755);
  const Result<> prepared = prepare_data_folder(temp.path());
  ASSERT_FALSE(prepared.has_value());
  EXPECT_NE(prepared.error().detail.find("chmod 700"), std::string::npos);
  EXPECT_EQ(mode_of(temp.path()), 0755u);
  EXPECT_FALSE(check_data_folder(temp.path()).has_value());
}

TEST(DataFolder, ThatIsAFileIsRefused) {
  const TempFolder temp;
  write_file(temp.file("data"), "x");
  const Result<> prepared = prepare_data_folder(temp.file("data"));
  ASSERT_FALSE(prepared.has_value());
  EXPECT_NE(prepared.error().detail.find("WASAT_DATA_DIR"), std::string::npos);
}

TEST(DataFolder, ThatCannotBeMadeIsRefused) {
  const TempFolder temp;
  write_file(temp.file("file"), "x");
  const Result<> prepared = prepare_data_folder(temp.file("file/data"));
  ASSERT_FALSE(prepared.has_value());
  EXPECT_NE(prepared.error().detail.find("mkdir"), std::string::npos);
}

TEST(PrivateFile, HasItsModeAndReplacesNothing) {
  const TempFolder temp;
  ASSERT_TRUE(write_private_file(temp.file("secret"), "one").has_value());
  EXPECT_EQ(mode_of(temp.file("secret")), 0600u);
  EXPECT_FALSE(write_private_file(temp.file("secret"), "two").has_value());
  EXPECT_EQ(read_file(temp.file("secret")), "one");
}

}  // namespace
}  // namespace wasat::store
