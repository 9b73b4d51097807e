#include "net/address_rules.h"

#include <gtest/gtest.h>

namespace wasat::net {
namespace {

bool allowed(std::string_view text, const AddressRules& rules = AddressRules()) {
  return rules.allows(*parse_ip(text));
}

TEST(AddressRules, PublicAddressesAreAllowed) {
  for (const char* text :
       {"8.8.8.8", "1.1.1.1", "172.32.0.1", "100.128.0.1", "192.0.1.1", "223.255.255.255",
        "2001:4860:4860::8888", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"}) {
    EXPECT_TRUE(allowed(text)) << text;
  }
}

TEST(AddressRules, EverythingElseIsRefused) {
  for (const char* text :
       {"0.0.0.0",        "0.1.2.3",         "10.0.0.1",      "100.64.0.1",      "100.100.100.200",
        "127.0.0.1",      "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1",
        "172.31.255.255", "192.0.0.192",     "192.0.2.1",     "192.88.99.1",     "192.168.1.1",
        "198.18.0.1",     "198.51.100.7",    "203.0.113.7",   "224.0.0.1",       "240.0.0.1",
        "255.255.255.255"}) {
    EXPECT_FALSE(allowed(text)) << text;
  }
}

TEST(AddressRules, NoDisguiseOfIPv6Helps) {
  for (const char* text : {"::",
                           "::1",
                           "::127.0.0.1",
                           "::ffff:127.0.0.1",
                           "::ffff:169.254.169.254",
                           "::ffff:0:127.0.0.1",
                           "64:ff9b::7f00:1",
                           "64:ff9b::a9fe:a9fe",
                           "64:ff9b:1::7f00:1",
                           "100::1",
                           "2001::1",
                           "2001:0:7f00:1::",
                           "2001:db8::1",
                           "2002:7f00:1::",
                           "3fff::1",
                           "fc00::1",
                           "fd00:ec2::254",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1"}) {
    EXPECT_FALSE(allowed(text)) << text;
  }
}

TEST(AddressRules, TheOperatorMayAllowMore) {
  const AddressRules rules({*Cidr::parse("10.1.0.0/16"), *Cidr::parse("fd00::/8")});
  EXPECT_TRUE(allowed("10.1.2.3", rules));
  EXPECT_TRUE(allowed("::ffff:10.1.2.3", rules));
  EXPECT_TRUE(allowed("fd12::1", rules));
  EXPECT_FALSE(allowed("10.2.0.1", rules));
}

}  // namespace
}  // namespace wasat::net
