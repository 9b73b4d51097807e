#include "base/cidr.h"

#include <gtest/gtest.h>

namespace wasat {
namespace {

bool contains(std::string_view range, std::string_view address) {
  const auto cidr = Cidr::parse(range);
  const auto ip = parse_ip(address);
  return cidr && ip && cidr->contains(*ip);
}

TEST(Cidr, HoldsItsAddressesAndNoOthers) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.1.2"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
  EXPECT_TRUE(contains("192.168.4.0/22", "192.168.7.255"));
  EXPECT_FALSE(contains("192.168.4.0/22", "192.168.8.0"));
  EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
  EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
  EXPECT_TRUE(contains("fd00::/9", "fd7f::1"));
  EXPECT_FALSE(contains("fd00::/9", "fdff::1"));
  EXPECT_TRUE(contains("0.0.0.0/0", "8.8.8.8"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::1"));
  EXPECT_TRUE(contains("::/0", "8.8.8.8"));
}

TEST(Cidr, TakesAMappedAddressForTheOneItMeans) {
  EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(contains("fe80::/10", "fe80::1%eth0"));
}

TEST(Cidr, RefusesWhatIsNone) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129", "10.0.0.0/-1",
                           "10.0.0.0/8x", "localhost", "10.0.0/8", "*", "fe80::1%eth0/64"}) {
    EXPECT_FALSE(Cidr::parse(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace wasat
