// Admission: whom the relay's door lets in as a node.
//
// Made by composition, shared by all workers, asked by the door before anything of the
// node's is kept.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wasat::relay {

struct Admitted {
  std::string token_id;            // empty: the relay is open, and the node brought none
  std::uint32_t most_running = 0;  // requests at a time; 0: any number
  std::uint32_t weight = 1;        // of the load among nodes
};

class Admission {
 public:
  virtual ~Admission() = default;
  // Any worker; does not block. `token`: as presented, empty when there is none.
  // `address`: of the client, behind trusted proxies. Errors: kUnauthenticated,
  // kPermissionDenied, kRateLimited, whose detail becomes the reason of a close.
  virtual Result<Admitted> admit(std::string_view token, std::string_view address) = 0;
  // Any thread. Whether there is such a token still, be it good now or not.
  virtual bool knows(std::string_view token_id) const = 0;
};

}  // namespace wasat::relay
