// SHA-256 of what comes in pieces.

#pragma once

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "base/crypto.h"

namespace wasat::simulator {

class Sha256 {
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

 public:
  Sha256() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string hex_digits() const {
    std::array<unsigned char, 32> digest{};
    const std::unique_ptr<EVP_MD_CTX, Free> copy(EVP_MD_CTX_new());
    EVP_MD_CTX_copy_ex(copy.get(), context_.get());
    EVP_DigestFinal_ex(copy.get(), digest.data(), nullptr);
    return hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
  }

 private:
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

}  // namespace wasat::simulator
