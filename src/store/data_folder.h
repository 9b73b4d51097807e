// The folder with everything durable: database, key file, first-start file.
// Nobody else may look into it. Start-up only.

#pragma once

#include <string>

#include "base/result.h"

namespace wasat::store {

// Makes `path` (and its parents) with mode 0700, or checks that an existing one
// is a folder that we can write to and others cannot enter; our own is closed to
// others when it is not. Errors carry the remedy.
Result<> prepare_data_folder(const std::string& path);

// The same questions without changing anything; a missing folder is fine.
Result<> check_data_folder(const std::string& path);

// Writes a new file of mode 0600 and flushes it to disk. Fails if there is one.
Result<> write_private_file(const std::string& path, std::string_view text);

inline std::string database_path(const std::string& folder) { return folder + "/wasat.db"; }
inline std::string ledger_path(const std::string& folder) { return folder + "/ledger.db"; }

}  // namespace wasat::store
