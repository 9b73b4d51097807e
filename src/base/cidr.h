// Cidr: a range of IP addresses, such as "10.0.0.0/8" or "::1".
//
// An IPv4 address and its IPv4-mapped IPv6 form are the same address here, since
// a dual-stack listener shows the one for the other.

#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace wasat {

using IpAddress = std::array<unsigned char, 16>;

// "127.0.0.1", "::1", "::ffff:127.0.0.1", "fe80::1%eth0" (the zone is ignored).
std::optional<IpAddress> parse_ip(std::string_view text);

class Cidr {
 public:
  // A bare address is a range of one. nullopt: not an address, or bits out of range.
  static std::optional<Cidr> parse(std::string_view text);
  bool contains(const IpAddress& address) const;
  friend bool operator==(const Cidr&, const Cidr&) = default;

 private:
  Cidr(const IpAddress& base, int bits) : base_(base), bits_(bits) {}
  IpAddress base_;
  int bits_;  // of the IPv6 form
};

}  // namespace wasat
