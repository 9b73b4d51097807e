// Any bytes as a document to import: a cargo or an error that says something. What is
// read as cargo is written and read again without loss.

#include <cstdint>
#include <cstdlib>

#include "admin/transfer/cargo_json.h"
#include "admin/transfer/export_document.h"
#include "admin/transfer/read_import.h"
#include "admin/transfer/transfer_test_settings.h"

namespace {

using namespace wasat;
using namespace wasat::admin::transfer;

void check_round_trip(const Cargo& cargo) {
  const std::string text = cargo_to_json(cargo);
  const auto buffer = Buffer::copy_of(text);
  const Result<Cargo> again = cargo_from_json(buffer->padded());
  if (!again || cargo_to_json(*again) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  // Stretching a passphrase is slow, so that exports are read up to there (a short one is
  // refused), and their inside on its own.
  const Result<ReadDocument> read = read_document(bytes, Secret("short"), TestSettings());
  if (!read && read.error().detail.empty()) std::abort();
  const auto buffer = Buffer::copy_of(bytes);
  const Result<Cargo> inside = cargo_from_json(buffer->padded());
  if (inside) check_round_trip(*inside);
  if (!inside && inside.error().detail.empty()) std::abort();
  return 0;
}
