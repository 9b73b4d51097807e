#include "store/master_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temp_folder.h"

namespace wasat::store {
namespace {

class MasterKey : public testing::Test {
 protected:
  Result<Secret> load(std::string_view configured = {}) {
    return load_or_create_master_key(Secret(configured), file_, database_);
  }
  std::string refusal(std::string_view configured = {}) {
    const Result<Secret> key = load(configured);
    return key ? "" : key.error().detail;
  }

  TempFolder temp_;
  std::string file_ = temp_.file("master.key");
  std::string database_ = temp_.file("wasat.db");
};

TEST_F(MasterKey, IsMadeOnceAndReadLater) {
  const Result<Secret> first = load();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->size(), 64u);
  EXPECT_EQ(mode_of(file_), 0600u);
  const Result<Secret> second = load();
  ASSERT_TRUE(second.has_value());
  EXPECT_TRUE(second->equals(first->reveal()));
}

TEST_F(MasterKey, FromSettingsLeavesNoFile) {
  const Result<Secret> key = load("0123456789abcdef0123456789abcdef");
  ASSERT_TRUE(key.has_value());
  EXPECT_TRUE(key->equals("0123456789abcdef0123456789abcdef"));
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(MasterKey, TooShortIsRefusedWithTheCommandThatMakesOne) {
  const std::string text = refusal("0123456789abcdef0123456789abcde");
  EXPECT_NE(text.find("31 bytes"), std::string::npos) << text;
  EXPECT_NE(text.find("openssl rand -hex 32"), std::string::npos) << text;
  EXPECT_EQ(text.find("0123456789abcdef"), std::string::npos) << text;
}

TEST_F(MasterKey, FileThatOthersCanReadIsRefused) {
  ASSERT_TRUE(load().has_value());
  chmod(file_.c_str(), 0640);
  EXPECT_NE(refusal().find("chmod 600"), std::string::npos);
}

TEST_F(MasterKey, FileThatIsCutShortIsRefused) {
  write_file(file_, "short\n");
  chmod(file_.c_str(), 0600);
  EXPECT_NE(refusal().find("backup"), std::string::npos);
}

TEST_F(MasterKey, IsNotMadeAnewForAnExistingDatabase) {
  write_file(database_, "x");
  const std::string text = refusal();
  EXPECT_NE(text.find("Restore the key file"), std::string::npos) << text;
  EXPECT_NE(text.find("API_KEY_ENCRYPTION_KEY"), std::string::npos) << text;
  EXPECT_FALSE(std::filesystem::exists(file_));
}

}  // namespace
}  // namespace wasat::store
