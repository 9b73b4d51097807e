// The keys of tests and benchmarks.

#pragma once

#include "store/keys.h"

namespace wasat::store {

inline const Keys& keys() {
  static const Keys made(Secret("0123456789abcdef0123456789abcdef"));
  return made;
}

}  // namespace wasat::store
