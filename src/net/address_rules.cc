#include "net/address_rules.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace wasat::net {
namespace {

std::vector<Cidr> ranges(std::initializer_list<std::string_view> texts) {
  std::vector<Cidr> all;
  for (const std::string_view text : texts) all.push_back(*Cidr::parse(text));
  return all;
}

bool within(const std::vector<Cidr>& ranges, const IpAddress& address) {
  return std::ranges::any_of(ranges,
                             [&address](const Cidr& range) { return range.contains(address); });
}

// iana.org/assignments/iana-ipv4-special-registry: all that is not globally
// reachable; and the address at which Azure's machines find their host.
bool is_public_v4(const IpAddress& address) {
  static const std::vector<Cidr> special = ranges(
      {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16", "169.254.0.0/16",
       "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
       "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"});
  return !within(special, address);
}

IpAddress mapped(const unsigned char* v4) {
  IpAddress address{};
  address[10] = address[11] = 0xff;
  std::memcpy(address.data() + 12, v4, 4);
  return address;
}

// iana.org/assignments/iana-ipv6-special-registry. Only 2000::/3 is in public use.
bool is_public(const IpAddress& address) {
  static const Cidr v4 = *Cidr::parse("::ffff:0:0/96");
  static const Cidr nat64 = *Cidr::parse("64:ff9b::/96");
  static const Cidr unicast = *Cidr::parse("2000::/3");
  // Protocol assignments (with Teredo), documentation, 6to4: who knows where it ends.
  static const std::vector<Cidr> special =
      ranges({"2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"});
  if (v4.contains(address)) return is_public_v4(address);
  if (nat64.contains(address)) return is_public_v4(mapped(address.data() + 12));
  return unicast.contains(address) && !within(special, address);
}

}  // namespace

bool AddressRules::allows(const IpAddress& address) const {
  return is_public(address) || within(allowed_, address);
}

bool AddressRules::allows(const Address& address) const {
  if (address.storage.ss_family == AF_INET) {
    in_addr v4{};
    std::memcpy(&v4, &reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr, sizeof v4);
    return allows(mapped(reinterpret_cast<const unsigned char*>(&v4)));
  }
  if (address.storage.ss_family != AF_INET6) return false;
  IpAddress v6{};
  std::memcpy(v6.data(), &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr,
              v6.size());
  return allows(v6);
}

}  // namespace wasat::net
