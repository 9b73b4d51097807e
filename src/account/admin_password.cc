#include "account/admin_password.h"

#include <argon2.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "base/random.h"

namespace wasat::account {
namespace {

// OWASP's Password Storage Cheat Sheet: 19 MiB, two passes, one lane.
constexpr std::uint32_t kPasses = 2;
constexpr std::uint32_t kKibibytes = 19 * 1024;
constexpr std::uint32_t kLanes = 1;
constexpr std::size_t kSaltBytes = 16;
constexpr std::size_t kHashBytes = 32;
constexpr std::size_t kLongest = 1024;

}  // namespace

std::string hash_password(std::string_view password) {
  std::array<unsigned char, kSaltBytes> salt;
  secure_bytes(salt);
  std::string encoded(
      argon2_encodedlen(kPasses, kKibibytes, kLanes, kSaltBytes, kHashBytes, Argon2_id), '\0');
  // It fails only for want of memory.
  if (argon2id_hash_encoded(kPasses, kKibibytes, kLanes, password.data(), password.size(),
                            salt.data(), salt.size(), kHashBytes, encoded.data(),
                            encoded.size()) != ARGON2_OK) {
    std::abort();
  }
  encoded.resize(encoded.find('\0'));
  return encoded;
}

bool verify_password(std::string_view encoded, std::string_view password) {
  if (password.size() > kLongest) return false;
  const std::string terminated(encoded);
  return argon2id_verify(terminated.c_str(), password.data(), password.size()) == ARGON2_OK;
}

Secret make_password() { return secure_text(24); }

AdminPassword::AdminPassword(Secret fixed, std::string encoded)
    : fixed_(std::move(fixed)), encoded_(std::move(encoded)) {}

bool AdminPassword::is_fixed() const {
  const std::lock_guard lock(mutex_);
  return !fixed_.empty();
}

void AdminPassword::replace(std::string encoded) {
  const std::lock_guard lock(mutex_);
  encoded_ = std::move(encoded);
}

void AdminPassword::fix(Secret fixed) {
  const std::lock_guard lock(mutex_);
  fixed_ = std::move(fixed);
}

bool AdminPassword::verify(std::string_view presented) const {
  std::string encoded;
  {
    const std::lock_guard lock(mutex_);
    if (!fixed_.empty()) return fixed_.equals(presented);
    encoded = encoded_;
  }
  return !encoded.empty() && verify_password(encoded, presented);
}

}  // namespace wasat::account
