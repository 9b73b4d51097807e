#include "gateway/raw/upload_url.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

const SealKey& key() {
  static const SealKey made(Secret("0123456789abcdef0123456789abcdef"));
  return made;
}

const store::Time kNow{std::chrono::hours(500'000)};
constexpr std::string_view kPath = "/upload/v1beta/files";

std::string query_of(std::string_view url) {
  EXPECT_TRUE(url.starts_with(std::string(kPath) + "?")) << url;
  return std::string(url.substr(kPath.size() + 1));
}

std::string sealed() {
  return query_of(seal_upload_url({.credential_id = "c1",
                                   .token_id = "t1",
                                   .target = "/upload/v1beta/files?upload_id=G&x=y",
                                   .made = kNow},
                                  key()));
}

TEST(UploadUrl, LeadsBackToWhereItBegan) {
  const auto url = open_upload_url(kPath, sealed(), key(), kNow + std::chrono::hours(24));
  ASSERT_TRUE(url);
  EXPECT_EQ(url->credential_id, "c1");
  EXPECT_EQ(url->token_id, "t1");
  EXPECT_EQ(url->target, "/upload/v1beta/files?upload_id=G&x=y");
  EXPECT_TRUE(is_upload_url(kPath, sealed()));
  EXPECT_FALSE(is_upload_url(kPath, "uploadType=media"));
  EXPECT_FALSE(is_upload_url("/v1beta/files", sealed()));
}

TEST(UploadUrl, TellsNothing) {
  const std::string query = sealed();
  for (const char* part : {"c1", "t1", "upload_id=G"}) {
    EXPECT_EQ(query.find(std::string("=") + part), std::string::npos);
  }
  EXPECT_NE(query, sealed());
}

TEST(UploadUrl, OpensOnlyAsItWasMade) {
  const std::string query = sealed();
  const std::size_t begin = query.find('=') + 1;
  const std::size_t end = query.find('&');
  for (std::size_t i = begin; i < end; ++i) {
    std::string other = query;
    other[i] = other[i] == '0' ? '1' : '0';
    EXPECT_FALSE(open_upload_url(kPath, other, key(), kNow)) << i;
  }
  EXPECT_FALSE(open_upload_url(kPath, query.substr(0, end - 2), key(), kNow));
  EXPECT_FALSE(open_upload_url("/upload/v1/files", query, key(), kNow));
  EXPECT_FALSE(open_upload_url("/v1beta/files", query, key(), kNow));
  EXPECT_FALSE(open_upload_url(kPath, query, key(), kNow + std::chrono::hours(7 * 24)));
  const SealKey another(Secret("another key of the same length.."));
  EXPECT_FALSE(open_upload_url(kPath, query, another, kNow));
  for (const char* nonsense : {"", "upload_id=", "upload_id=0", "upload_id=zz", "x=1"}) {
    EXPECT_FALSE(open_upload_url(kPath, nonsense, key(), kNow)) << nonsense;
  }
  EXPECT_FALSE(open_upload_url(kPath, "upload_id=" + std::string(10'000, 'a'), key(), kNow));
}

}  // namespace
}  // namespace wasat::gateway
