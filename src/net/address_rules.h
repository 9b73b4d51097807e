// AddressRules: where a connection may go that a stranger asked for.
//
// Public addresses, and what the operator allows beside them. Private networks,
// this machine, link-local (with the metadata services of clouds), multicast and
// reserved ranges are refused in all their IPv6 disguises. Immutable; any thread.

#pragma once

#include <vector>

#include "base/cidr.h"
#include "net/resolver.h"

namespace wasat::net {

class AddressRules {
 public:
  explicit AddressRules(std::vector<Cidr> allowed = {}) : allowed_(std::move(allowed)) {}
  bool allows(const IpAddress& address) const;
  bool allows(const Address& address) const;

 private:
  std::vector<Cidr> allowed_;
};

}  // namespace wasat::net
