#include "store/keys.h"

namespace wasat::store {

// The purposes are part of the data format: never change them.
Keys::Keys(const Secret& master)
    : seal(derive_key(master, "wasat seal 1")),
      fingerprints(derive_key(master, "wasat credential fingerprint 1")),
      token_key(derive_key(master, "wasat token hash 1")),
      tokens(token_key),
      sessions(derive_key(master, "wasat session 1")),
      uploads(derive_key(master, "wasat upload url 1")) {}

Digest Keys::fingerprint(std::string_view provider, const Secret& secret) const {
  // The secret's own hash stands for it, so that it is copied nowhere.
  std::string text(provider);
  text.push_back('\0');
  text.append(as_bytes(fingerprints(secret.reveal())));
  return fingerprints(text);
}

std::string seal_place(std::string_view table, std::string_view id, std::string_view column) {
  std::string place(table);
  place.append("|").append(id).append("|").append(column).append("|");
  return place + std::to_string(kKeyVersion);
}

}  // namespace wasat::store
