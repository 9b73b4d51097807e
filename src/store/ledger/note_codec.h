// A ledger note as bytes, for its way through a lane to the writer.
//
// Pure. The form lives in memory only and may change at any time.

#pragma once

#include <string>
#include <string_view>

#include "store/ledger.h"

namespace wasat::store {

// Longer texts are cut. (Bodies do not go this way.)
inline constexpr std::size_t kMostNoteText = 256;
inline constexpr std::size_t kMostNoteError = 2048;

// Replaces `out`. The lane adds one byte behind it, which counts as part of the note.
void encode_note(const LedgerNote& note, std::string& out);

// Takes a note from the front of `bytes`, which its views then point into. False: there is no
// whole one.
bool take_note(std::string_view& bytes, LedgerNote& note);

}  // namespace wasat::store
