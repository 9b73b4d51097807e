// Notes of one transaction, as bytes (note_codec.h), in the order of time. Their texts are
// mostly those of another, so what is done with texts is done once for each combination of them
// and not for each note.
//
// One thread. Used again and again: it keeps its memory.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/ledger.h"
#include "store/ledger/note_codec.h"

namespace wasat::store {

class NoteBatch {
 public:
  // Takes all that lanes held, which outlives that, and forgets what it had.
  void assign(std::string_view lanes);
  // One behind them, which is kept here.
  void add(const LedgerNote& note);
  void clear();

  std::size_t size() const { return places_.size(); }
  // Notes with nothing but texts.
  std::span<const LedgerNote> texts() const { return texts_; }
  // Of the note in this place, and which of texts() its texts are.
  NoteOwn own(std::size_t place) const { return places_[place].note.own(); }
  std::uint32_t texts_of(std::size_t place) const { return places_[place].texts; }

 private:
  struct Place {
    Time time;
    EncodedNote note;
    std::uint32_t texts;
    std::uint32_t order;  // in which they came
  };
  struct Known {
    std::string_view bytes;
    std::uint32_t index = 0;
  };
  void append(std::string_view bytes);
  std::uint32_t index_of(std::string_view bytes);

  std::vector<Place> places_;
  std::vector<LedgerNote> texts_;
  std::unordered_map<std::string_view, std::uint32_t> indexes_;
  // The last different ones: mostly one of them comes again.
  std::array<Known, 4> recent_;
  std::size_t oldest_ = 0;
  std::deque<std::string> own_;  // what add() was given
};

}  // namespace wasat::store
