#include "account/passphrase.h"

#include <argon2.h>
#include <openssl/crypto.h>

#include <array>
#include <string>

namespace wasat::account {
namespace {

constexpr std::uint32_t kMostKibibytes = 256 * 1024;
constexpr std::uint32_t kMostPasses = 10;
constexpr std::uint32_t kMostLanes = 4;
constexpr std::size_t kKeyBytes = 32;

bool reasonable(const Stretching& s) {
  return s.lanes >= 1 && s.lanes <= kMostLanes && s.passes >= 1 && s.passes <= kMostPasses &&
         s.kibibytes >= 8 * s.lanes && s.kibibytes <= kMostKibibytes;
}

}  // namespace

Result<Secret> stretch(const Secret& passphrase, std::string_view salt,
                       const Stretching& stretching) {
  if (passphrase.size() < kShortestPassphrase) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "the passphrase has fewer than " +
                                 std::to_string(kShortestPassphrase) +
                                 " bytes. Use a longer one: whoever guesses it has every key",
                             "passphrase"));
  }
  if (passphrase.size() > kLongestPassphrase) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "the passphrase has more than " + std::to_string(kLongestPassphrase) +
                                 " bytes. Use a shorter one",
                             "passphrase"));
  }
  if (!reasonable(stretching) || salt.size() < 8 || salt.size() > 64) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "the document asks for more or less work on its passphrase than any "
                             "Wasat does. It is damaged, or not what it says it is"));
  }
  std::array<char, kKeyBytes> key;
  const std::string_view text = passphrase.reveal();
  const int code =
      argon2id_hash_raw(stretching.passes, stretching.kibibytes, stretching.lanes, text.data(),
                        text.size(), salt.data(), salt.size(), key.data(), key.size());
  if (code != ARGON2_OK) {
    return fail(internal_error(std::string("the passphrase cannot be worked on: ") +
                               argon2_error_message(code)));
  }
  Secret made(std::string_view(key.data(), key.size()));
  OPENSSL_cleanse(key.data(), key.size());
  return made;
}

}  // namespace wasat::account
