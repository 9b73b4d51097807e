// OpenSSL calls the SHA256_* functions deprecated, yet they are the only ones
// whose state is a plain struct, so that the state of a key can be copied for
// each message without an allocation.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/crypto.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "base/random.h"

namespace wasat {
namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;
constexpr std::size_t kKey = 32;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL fails here only when it has no memory or was built without the algorithm.
void must(int result) {
  if (result <= 0) std::abort();
}

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

CipherContext cipher_context() {
  CipherContext context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (context == nullptr) std::abort();
  return context;
}

}  // namespace

std::string hex(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * text.size());
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<Digest> as_digest(std::string_view text) {
  Digest digest;
  if (text.size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), text.data(), digest.size());
  return digest;
}

bool same_digest(const Digest& a, const Digest& b) {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Secret derive_key(const Secret& master, std::string_view purpose) {
  std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> context(
      EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nullptr), &EVP_PKEY_CTX_free);
  if (context == nullptr) std::abort();
  std::array<unsigned char, kKey> key;
  std::size_t size = key.size();
  must(EVP_PKEY_derive_init(context.get()));
  must(EVP_PKEY_CTX_set_hkdf_md(context.get(), EVP_sha256()));
  must(EVP_PKEY_CTX_set1_hkdf_key(context.get(), bytes(master.reveal()),
                                  static_cast<int>(master.size())));
  must(
      EVP_PKEY_CTX_add1_hkdf_info(context.get(), bytes(purpose), static_cast<int>(purpose.size())));
  must(EVP_PKEY_derive(context.get(), key.data(), &size));
  Secret derived(std::string_view(reinterpret_cast<const char*>(key.data()), key.size()));
  OPENSSL_cleanse(key.data(), key.size());
  return derived;
}

// RFC 2104: the state after the inner and after the outer key block.
struct HmacKey::State {
  SHA256_CTX inner;
  SHA256_CTX outer;
  ~State() { OPENSSL_cleanse(this, sizeof(State)); }
};

HmacKey::HmacKey(const Secret& key) : state_(std::make_unique<State>()) {
  std::array<unsigned char, SHA256_CBLOCK> block{};
  if (key.size() > block.size()) {
    SHA256(bytes(key.reveal()), key.size(), block.data());
  } else {
    std::ranges::copy(key.reveal(), block.begin());
  }
  for (unsigned char& byte : block) byte ^= 0x36;
  SHA256_Init(&state_->inner);
  SHA256_Update(&state_->inner, block.data(), block.size());
  for (unsigned char& byte : block) byte ^= 0x36 ^ 0x5c;
  SHA256_Init(&state_->outer);
  SHA256_Update(&state_->outer, block.data(), block.size());
  OPENSSL_cleanse(block.data(), block.size());
}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

Digest HmacKey::operator()(std::string_view message) const {
  Digest digest;
  SHA256_CTX inner = state_->inner;
  SHA256_Update(&inner, message.data(), message.size());
  SHA256_Final(digest.data(), &inner);
  SHA256_CTX outer = state_->outer;
  SHA256_Update(&outer, digest.data(), digest.size());
  SHA256_Final(digest.data(), &outer);
  return digest;
}

SealKey::SealKey(Secret key) : key_(std::move(key)) {
  if (key_.size() != kKey) std::abort();
}

std::string SealKey::seal(std::string_view text, std::string_view place) const {
  std::string sealed(kNonce + text.size() + kTag, '\0');
  auto* out = reinterpret_cast<unsigned char*>(sealed.data());
  secure_bytes({out, kNonce});
  const CipherContext context = cipher_context();
  int written = 0;
  must(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()), out));
  must(EVP_EncryptUpdate(context.get(), nullptr, &written, bytes(place),
                         static_cast<int>(place.size())));
  must(EVP_EncryptUpdate(context.get(), out + kNonce, &written, bytes(text),
                         static_cast<int>(text.size())));
  must(EVP_EncryptFinal_ex(context.get(), out + kNonce + written, &written));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTag, out + kNonce + text.size()));
  return sealed;
}

Result<Secret> SealKey::open(std::string_view sealed, std::string_view place) const {
  const auto refuse = [] {
    return fail(internal_error(
        "a sealed value does not open: it was sealed with another key, or it was changed. "
        "Start with the key that sealed it"));
  };
  if (sealed.size() < kNonce + kTag) return refuse();
  const std::string_view nonce = sealed.substr(0, kNonce);
  const std::string_view text = sealed.substr(kNonce, sealed.size() - kNonce - kTag);
  std::array<unsigned char, kTag> tag;
  std::memcpy(tag.data(), sealed.data() + sealed.size() - kTag, kTag);

  std::string opened(text.size(), '\0');
  auto* out = reinterpret_cast<unsigned char*>(opened.data());
  const CipherContext context = cipher_context();
  int written = 0;
  must(EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes(key_.reveal()),
                          bytes(nonce)));
  must(EVP_DecryptUpdate(context.get(), nullptr, &written, bytes(place),
                         static_cast<int>(place.size())));
  must(EVP_DecryptUpdate(context.get(), out, &written, bytes(text), static_cast<int>(text.size())));
  must(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTag, tag.data()));
  const bool genuine = EVP_DecryptFinal_ex(context.get(), out + written, &written) > 0;
  Secret secret;
  if (genuine) secret = Secret(opened);
  OPENSSL_cleanse(opened.data(), opened.size());
  if (!genuine) return refuse();
  return secret;
}

}  // namespace wasat
