#include "base/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace wasat {
namespace {

constexpr int kMappedBits = 96;  // ::ffff:0:0/96 holds IPv4

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string terminated(text.substr(0, text.find('%')));
  IpAddress address{};
  if (inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1) return address;
  if (inet_pton(AF_INET, terminated.c_str(), address.data() + 12) != 1) return std::nullopt;
  std::fill_n(address.begin(), 10, static_cast<unsigned char>(0));
  address[10] = address[11] = 0xff;
  return address;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view head = text.substr(0, slash);
  const std::optional<IpAddress> base = parse_ip(head);
  if (!base || head.contains('%')) return std::nullopt;
  if (slash == std::string_view::npos) return Cidr(*base, 128);
  const std::string_view digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  const int offset = head.contains(':') ? 0 : kMappedBits;
  if (bits < 0 || bits + offset > 128) return std::nullopt;
  return Cidr(*base, bits + offset);
}

bool Cidr::contains(const IpAddress& address) const {
  const auto whole = static_cast<std::size_t>(bits_ / 8);
  if (std::memcmp(base_.data(), address.data(), whole) != 0) return false;
  if (bits_ % 8 == 0) return true;
  const int mask = 0xff << (8 - bits_ % 8) & 0xff;
  return (base_[whole] & mask) == (address[whole] & mask);
}

}  // namespace wasat
