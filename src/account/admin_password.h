// The admin password: argon2id at rest, or fixed by the environment.
//
// Hashing takes tens of milliseconds and 19 MiB: never on a worker. An AdminPassword may be used
// and changed from any other thread.

#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace wasat::account {

// The encoded form, "$argon2id$v=19$...", with a salt of its own.
std::string hash_password(std::string_view password);
// False for a wrong password and for a hash that is none.
bool verify_password(std::string_view encoded, std::string_view password);
// One that nobody has to think up: 24 letters and digits.
Secret make_password();

class AdminPassword {
 public:
  // `fixed` (from a flag or the environment) counts when it is not empty,
  // `encoded` (from the store) otherwise. With neither, nobody gets in.
  AdminPassword(Secret fixed, std::string encoded);

  bool verify(std::string_view presented) const;
  // It cannot be changed through the console.
  bool is_fixed() const;

  void replace(std::string encoded);
  void fix(Secret fixed);

 private:
  mutable std::mutex mutex_;
  Secret fixed_;
  std::string encoded_;
};

}  // namespace wasat::account
