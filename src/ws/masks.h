// Masks: keys that a peer cannot foresee (RFC 6455 section 10.3), taken from the
// system a few hundred at a time. One per worker.

#pragma once

#include <array>
#include <cstring>

#include "base/random.h"
#include "ws/frame.h"

namespace wasat::ws {

class Masks {
 public:
  Mask next() {
    if (used_ == pool_.size()) {
      secure_bytes(pool_);
      used_ = 0;
    }
    Mask mask;
    std::memcpy(mask.data(), pool_.data() + used_, mask.size());
    used_ += mask.size();
    return mask;
  }

 private:
  std::array<unsigned char, 1024> pool_;
  std::size_t used_ = 1024;
};

}  // namespace wasat::ws
