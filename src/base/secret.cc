#include "base/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <cstring>

namespace wasat {

Secret::Secret(std::string_view text)
    : text_(text.empty() ? nullptr : std::make_unique_for_overwrite<char[]>(text.size())),
      size_(text.size()) {
  if (!text.empty()) std::memcpy(text_.get(), text.data(), text.size());
}

Secret& Secret::operator=(Secret other) noexcept {
  std::swap(text_, other.text_);
  std::swap(size_, other.size_);
  return *this;
}

Secret::~Secret() {
  if (text_ != nullptr) OPENSSL_cleanse(text_.get(), size_);
}

bool Secret::equals(std::string_view other) const {
  return size_ == other.size() && CRYPTO_memcmp(text_.get(), other.data(), size_) == 0;
}

std::string Secret::mask() const {
  return std::string(reveal().substr(0, std::min<std::size_t>(8, size_ / 4))) + "...";
}

}  // namespace wasat
