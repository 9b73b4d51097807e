// The members of a ledger note, in the order in which blocks and lanes hold them. The order is
// part of the form of the ledger's file.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "store/ledger.h"

namespace wasat::store {

// The texts, which many notes share; not the id.
inline constexpr std::array<std::string_view LedgerNote::*, 10> kNoteTexts = {
    &LedgerNote::token_id, &LedgerNote::client,        &LedgerNote::dialect,
    &LedgerNote::method,   &LedgerNote::model,         &LedgerNote::upstream_model,
    &LedgerNote::provider, &LedgerNote::credential_id, &LedgerNote::outcome,
    &LedgerNote::error};

inline constexpr std::array<std::int64_t LedgerNote::*, 9> kNoteNumbers = {
    &LedgerNote::input,       &LedgerNote::cached,   &LedgerNote::output,
    &LedgerNote::thoughts,    &LedgerNote::cost,     &LedgerNote::first_byte_us,
    &LedgerNote::duration_us, &LedgerNote::bytes_in, &LedgerNote::bytes_out};

// What a note has for itself, beside its texts.
struct NoteOwn {
  Time time;
  std::string_view id;
  std::int32_t attempts = 0;
  std::int32_t status = 0;
  std::array<std::int64_t, kNoteNumbers.size()> numbers{};
};

inline NoteOwn own_of(const LedgerNote& note) {
  NoteOwn own{note.time, note.id, note.attempts, note.status, {}};
  for (std::size_t i = 0; i < kNoteNumbers.size(); ++i) own.numbers[i] = note.*kNoteNumbers[i];
  return own;
}

}  // namespace wasat::store
