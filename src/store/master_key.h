// The master key, from which all keys of the store are derived (store/keys.h).
//
// It comes from the setting API_KEY_ENCRYPTION_KEY, or from a key file of mode
// 0600 that is made at first start. Start-up only.

#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace wasat::store {

inline constexpr std::size_t kMasterKeyBytes = 32;  // at least

// Reads the key; makes the file when there is neither key nor database.
//   configured   the setting's value; empty: not set
//   file         where the key file is or will be
//   database     a path: if something is there, a new key could never open it
Result<Secret> load_or_create_master_key(const Secret& configured, const std::string& file,
                                         const std::string& database);

// Reads an existing key file. Errors carry the remedy.
Result<Secret> read_master_key_file(const std::string& file);

}  // namespace wasat::store
