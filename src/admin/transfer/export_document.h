// The document that an export is: versioned JSON, sealed with a passphrase.
//
//   {"wasat_export": 1, "made_by": "0.3.0", "made": "2026-01-31T12:00:00Z",
//    "holds": {"credentials": 12, "tokens": 3, "settings": 5, "aliases": 1},
//    "stretching": {"kind": "argon2id", "kibibytes": 65536, "passes": 3, "lanes": 1,
//                   "salt": "..."},
//    "proof": "...", "sealed": "..."}
//
// All content is sealed, not the keys alone: names, notes and addresses are nobody
// else's business either. AES-256-GCM binds it to the members before it, so that none
// of them can be changed. "proof" is a known word under the same key: with it a wrong
// passphrase can be told from a damaged document.
//
// Pure functions but for the salt; both take as long as stretching does: off the workers.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "account/passphrase.h"
#include "admin/transfer/cargo.h"
#include "base/body.h"
#include "base/result.h"

namespace wasat::admin::transfer {

inline constexpr std::int64_t kExportFormat = 1;
// Far above what 100,000 credentials take.
inline constexpr std::size_t kMostDocumentBytes = 256u << 20;

struct ExportOptions {
  std::string made_by;  // version of the program
  store::Time made;
  account::Stretching stretching{};
};

Result<std::string> write_export(const Cargo& cargo, const Secret& passphrase,
                                 const ExportOptions& options);

// Whether `text` says that it is an export, of whatever format.
bool is_export(std::string_view text);

// Errors (kInvalidRequest): made by a newer Wasat; a wrong passphrase (param
// "passphrase"); not an export; damaged.
Result<Cargo> read_export(PaddedView text, const Secret& passphrase);

}  // namespace wasat::admin::transfer
