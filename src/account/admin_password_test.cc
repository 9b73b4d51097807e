#include "account/admin_password.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

TEST(AdminPassword, VerifiesWhatWasHashed) {
  const std::string encoded = hash_password("correct horse");
  EXPECT_TRUE(encoded.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")) << encoded;
  EXPECT_TRUE(verify_password(encoded, "correct horse"));
  EXPECT_FALSE(verify_password(encoded, "correct hors"));
  EXPECT_FALSE(verify_password(encoded, ""));
  EXPECT_NE(hash_password("correct horse"), encoded);  // another salt
}

TEST(AdminPassword, ADamagedHashLetsNobodyIn) {
  for (const char* encoded :
       {"", "$argon2id$", "correct horse", "$argon2id$v=19$m=1,t=1,p=1$a$b"}) {
    EXPECT_FALSE(verify_password(encoded, "correct horse")) << encoded;
    EXPECT_FALSE(verify_password(encoded, "")) << encoded;
  }
}

TEST(AdminPassword, FixedByTheEnvironmentOutranksTheStore) {
  const AdminPassword password(Secret("from outside"), hash_password("stored"));
  EXPECT_TRUE(password.is_fixed());
  EXPECT_TRUE(password.verify("from outside"));
  EXPECT_FALSE(password.verify("stored"));
}

TEST(AdminPassword, WithoutAnyNobodyGetsIn) {
  const AdminPassword password(Secret(), "");
  EXPECT_FALSE(password.verify(""));
  EXPECT_FALSE(password.verify("admin"));
}

TEST(AdminPassword, MadeOnesAreLong) { EXPECT_EQ(make_password().size(), 24u); }

}  // namespace
}  // namespace wasat::account
