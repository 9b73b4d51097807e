// Any document that can be imported, known by its content alone: Wasat's own exports,
// `.env` files, SQLite databases and account files of other gateways.
//
// A pure function; an export takes as long as its passphrase: off the workers.

#pragma once

#include <cstdint>
#include <string_view>

#include "admin/transfer/cargo.h"
#include "admin/transfer/known_settings.h"
#include "base/result.h"

namespace wasat::admin::transfer {

enum class DocumentKind : std::uint8_t {
  kUnknown,
  kExport,           // Wasat's own: needs a passphrase
  kEnvironmentFile,  // NAME=value
  kDatabase,         // SQLite
  kEnterprise,       // business_gemini_session.json
  kCodeAssist,       // an OAuth account
};

std::string_view document_kind_name(DocumentKind kind);  // "wasat_export"

struct ReadDocument {
  DocumentKind kind = DocumentKind::kUnknown;
  Cargo cargo;
};

// Errors (kInvalidRequest): a document of no known kind; whatever its own reader says.
// `passphrase` may be empty for all but exports.
Result<ReadDocument> read_document(std::string_view bytes, const Secret& passphrase,
                                   const KnownSettings& settings);

}  // namespace wasat::admin::transfer
