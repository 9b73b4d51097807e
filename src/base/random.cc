#include "base/random.h"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <bit>
#include <cstdlib>
#include <vector>

namespace wasat {
namespace {

constexpr std::string_view kAlphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

// Spreads a seed over the whole state (splitmix64).
std::uint64_t spread(std::uint64_t& seed) {
  std::uint64_t z = (seed += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

}  // namespace

Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) word = spread(seed);
}

Random Random::from_system() {
  std::array<unsigned char, 8> bytes;
  secure_bytes(bytes);
  return Random(std::bit_cast<std::uint64_t>(bytes));
}

// xoshiro256** (prng.di.unimi.it).
std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Values from the incomplete last stretch would favour small results.
  const std::uint64_t incomplete = -bound % bound;
  std::uint64_t value = next();
  while (value < incomplete) value = next();
  return value % bound;
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

void Random::fill_id(std::span<char> out) {
  std::uint64_t bits = 0;
  int left = 0;
  for (char& c : out) {
    std::uint64_t index = kAlphabet.size();
    while (index >= kAlphabet.size()) {
      if (left == 0) {
        bits = next();
        left = 10;
      }
      index = bits & 63;
      bits >>= 6;
      --left;
    }
    c = kAlphabet[index];
  }
}

std::string Random::id(std::size_t length) {
  std::string text(length, '0');
  fill_id(text);
  return text;
}

void secure_bytes(std::span<unsigned char> out) {
  if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) std::abort();
}

Secret secure_text(std::size_t length, std::string_view prefix) {
  std::string text(prefix);
  text.reserve(prefix.size() + length);
  std::array<unsigned char, 64> bytes;
  while (text.size() < prefix.size() + length) {
    secure_bytes(bytes);
    for (const unsigned char byte : bytes) {
      const std::size_t index = byte & 63;
      if (index < kAlphabet.size() && text.size() < prefix.size() + length) {
        text.push_back(kAlphabet[index]);
      }
    }
  }
  OPENSSL_cleanse(bytes.data(), bytes.size());
  Secret secret(text);
  OPENSSL_cleanse(text.data(), text.size());
  return secret;
}

}  // namespace wasat
