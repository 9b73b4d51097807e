// A ledger note as bytes, for its way through a lane to the writer.
//
// Pure. The form lives in memory only and may change at any time.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "store/ledger.h"
#include "store/ledger/note_members.h"

namespace wasat::store {

// Longer texts are cut. (Bodies do not go this way.)
inline constexpr std::size_t kMostNoteText = 256;
inline constexpr std::size_t kMostNoteError = 2048;

// Replaces `out`. The lane adds one byte behind it, which counts as part of the note.
void encode_note(const LedgerNote& note, std::string& out);

// A note among such bytes, which outlive it.
class EncodedNote {
 public:
  // Takes the first from the front of `bytes`; nothing when there is no whole one.
  static std::optional<EncodedNote> take(std::string_view& bytes);

  Time time() const;
  NoteOwn own() const;
  // The same bytes for notes whose texts are the same.
  std::string_view texts() const;

 private:
  explicit EncodedNote(const char* at) : at_(at) {}
  const char* at_;
};

// Puts EncodedNote::texts() into the note.
void read_texts(std::string_view texts, LedgerNote& note);

}  // namespace wasat::store
