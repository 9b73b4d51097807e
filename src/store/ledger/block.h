// Blocks: up to a thousand entries of the ledger as bytes, about 80 for each.
//
// A text that repeats (a token, a model, an error) stands once in a block, which is whole in
// itself: to remove old blocks is to remove all that was theirs. Pure; the form is part of
// the ledger's file and begins with its version.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/ledger.h"
#include "store/ledger/note_members.h"
#include "store/ledger/varint.h"

namespace wasat::store {

inline constexpr std::size_t kMostBlockEntries = 1024;
inline constexpr std::size_t kMostBlockBytes = 256 * 1024;  // exceeded by an entry at most

struct Block {
  std::int64_t number = 0;  // the sequence of its first entry
  std::int64_t upto = 0;    // ... of its last
  Time first;               // the earliest time in it
  Time last;
  std::int64_t entries = 0;
  std::string data;
  std::string presence;
};

class BlockBuilder {
 public:
  // What stands in an entry for its texts.
  struct Placed {
    std::array<char, kMostNumberBytes * kNoteTexts.size()> bytes;
    std::size_t size = 0;
  };
  // For entries with the texts of `note` until finish(), at least one.
  Placed place(const LedgerNote& note);

  // Sequences grow from one entry to the next.
  void add(std::int64_t sequence, const NoteOwn& note, const Placed& texts);
  void add(std::int64_t sequence, const LedgerNote& note) {
    add(sequence, own_of(note), place(note));
  }
  std::size_t entries() const { return static_cast<std::size_t>(block_.entries); }
  bool full() const {
    return entries() == kMostBlockEntries || dictionary_.size() + rows_.size() >= kMostBlockBytes;
  }
  // Begins anew. Not of nothing. What it gives stays good until the next time.
  const Block& finish();
  // Forgets what was added.
  void clear();

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  struct Known {
    std::uint32_t index;
    std::uint32_t traits;  // one bit for each that it was noted as
  };
  using Texts = std::unordered_map<std::string, Known, Hash, std::equal_to<>>;

  std::uint32_t index_of(std::size_t member, std::string_view text);
  void note_status(std::int32_t status);

  Block block_;
  Block finished_;
  Texts texts_;
  std::string dictionary_;
  std::string rows_;
  // The last two different ones of each member: mostly one of them comes again.
  std::array<std::array<const Texts::value_type*, 2>, kNoteTexts.size()> recent_{};
  std::vector<std::uint64_t> traits_;
  std::vector<std::int32_t> statuses_;
  std::int64_t time_ = 0;
  bool failed_ = false;
  bool has_error_ = false;
};

class BlockReader {
 public:
  // An entry with its texts as numbers.
  struct Row {
    std::int64_t sequence;
    std::string_view id;
    std::array<std::uint32_t, kNoteTexts.size()> texts;
    LedgerNote note;  // time and numbers alone, until complete()
  };

  // Nothing when `data` is damaged. It outlives the reader and what that gives.
  static std::optional<BlockReader> open(std::int64_t number, std::string_view data);

  // The number of a text; nothing when no entry has it.
  std::optional<std::uint32_t> find(std::string_view text) const;
  std::string_view text(std::uint32_t index) const { return texts_[index]; }
  std::size_t texts() const { return texts_.size(); }

  // False: it was the last, or what follows is damaged.
  bool next(Row& row);
  // Fills in the texts.
  void complete(Row& row) const;

 private:
  BlockReader() = default;
  std::vector<std::string_view> texts_;
  std::string_view rest_;
  std::uint64_t left_ = 0;
  std::int64_t sequence_ = 0;
  std::int64_t time_ = 0;
};

}  // namespace wasat::store
