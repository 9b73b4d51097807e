#include "store/ledger/block.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "store/ledger/presence.h"

namespace wasat::store {
namespace {

constexpr char kVersion = 1;

// By which the members are searched for; those that are not have none.
constexpr std::array<std::optional<Trait>, kNoteTexts.size()> kTraits = {Trait::kToken,
                                                                         {},
                                                                         Trait::kDialect,
                                                                         {},
                                                                         {},
                                                                         Trait::kModel,
                                                                         Trait::kProvider,
                                                                         Trait::kCredential,
                                                                         Trait::kOutcome,
                                                                         {}};

// Small either way: clocks go back.
std::uint64_t folded(std::int64_t value) {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}
std::int64_t unfolded(std::uint64_t value) {
  return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

}  // namespace

std::size_t BlockBuilder::Hash::operator()(std::string_view text) const {
  return trait_hash(Trait::kId, text);
}

BlockBuilder::Placed BlockBuilder::place(const LedgerNote& note) {
  Placed placed;
  char* at = placed.bytes.data();
  for (std::size_t i = 0; i < kNoteTexts.size(); ++i) {
    at = put(at, index_of(i, note.*kNoteTexts[i]));
  }
  placed.size = static_cast<std::size_t>(at - placed.bytes.data());
  if (!failed_ && is_failure(note.outcome)) {
    failed_ = true;
    traits_.push_back(trait_hash(Trait::kFailed));
  }
  if (!has_error_ && !note.error.empty()) {
    has_error_ = true;
    traits_.push_back(trait_hash(Trait::kHasError));
  }
  return placed;
}

void BlockBuilder::add(std::int64_t sequence, const NoteOwn& note, const Placed& texts) {
  const std::int64_t time = note.time.time_since_epoch().count();
  if (block_.entries == 0) {
    block_.number = block_.upto = sequence;
    block_.first = block_.last = note.time;
  }
  // On the stack first: a byte at a time is much for a string.
  std::array<char, kMostNumberBytes * 3> before;
  char* at = put(before.data(), static_cast<std::uint64_t>(sequence - block_.upto));
  at = put(at, folded(time - time_));
  at = put(at, note.id.size());
  rows_.append(before.data(), static_cast<std::size_t>(at - before.data()));
  rows_.append(note.id);
  std::array<char, sizeof(texts.bytes) + kMostNumberBytes * (2 + kNoteNumbers.size())> behind;
  // All of them: a size that is known is copied in no time.
  std::memcpy(behind.data(), texts.bytes.data(), sizeof(texts.bytes));
  at = put(behind.data() + texts.size, static_cast<std::uint64_t>(note.attempts));
  at = put(at, static_cast<std::uint64_t>(note.status));
  for (const std::int64_t number : note.numbers) at = put(at, static_cast<std::uint64_t>(number));
  rows_.append(behind.data(), static_cast<std::size_t>(at - behind.data()));

  traits_.push_back(trait_hash(Trait::kId, note.id));
  note_status(note.status);
  block_.upto = sequence;
  block_.first = std::min(block_.first, note.time);
  block_.last = std::max(block_.last, note.time);
  ++block_.entries;
  time_ = time;
}

// 0 is the empty text.
std::uint32_t BlockBuilder::index_of(std::size_t member, std::string_view text) {
  if (text.empty()) return 0;
  auto& recent = recent_[member];
  for (const Texts::value_type* each : recent) {
    if (each != nullptr && each->first == text) return each->second.index;
  }
  auto found = texts_.find(text);
  if (found == texts_.end()) {
    const auto index = static_cast<std::uint32_t>(texts_.size() + 1);
    found = texts_.emplace(std::string(text), Known{index, 0}).first;
    put(dictionary_, text.size());
    dictionary_.append(text);
  }
  recent[1] = std::exchange(recent[0], &*found);
  Known& known = found->second;
  if (kTraits[member] && (known.traits >> member & 1) == 0) {
    known.traits |= 1u << member;
    traits_.push_back(trait_hash(*kTraits[member], text));
  }
  return known.index;
}

void BlockBuilder::note_status(std::int32_t status) {
  if (std::ranges::find(statuses_, status) != statuses_.end()) return;
  statuses_.push_back(status);
  traits_.push_back(trait_hash(Trait::kStatus, std::to_string(status)));
}

const Block& BlockBuilder::finish() {
  std::string data = std::move(finished_.data);  // the next one is as large: the memory stays
  data.clear();
  data.push_back(kVersion);
  put(data, texts_.size());
  data.append(dictionary_);
  put(data, static_cast<std::uint64_t>(block_.entries));
  data.append(rows_);
  finished_ = std::exchange(block_, {});
  finished_.data = std::move(data);
  finished_.presence = make_presence(traits_);
  clear();
  return finished_;
}

void BlockBuilder::clear() {
  block_ = {};
  texts_.clear();
  dictionary_.clear();
  rows_.clear();
  recent_ = {};
  traits_.clear();
  statuses_.clear();
  time_ = 0;
  failed_ = false;
  has_error_ = false;
}

std::optional<BlockReader> BlockReader::open(std::int64_t number, std::string_view data) {
  if (data.empty() || data.front() != kVersion) return std::nullopt;
  data.remove_prefix(1);
  BlockReader reader;
  std::uint64_t count = 0;
  if (!take(data, count) || count > data.size()) return std::nullopt;
  reader.texts_.reserve(count + 1);
  reader.texts_.emplace_back();
  for (std::uint64_t i = 0; i < count; ++i) {
    std::string_view text;
    if (!take(data, text)) return std::nullopt;
    reader.texts_.push_back(text);
  }
  if (!take(data, reader.left_)) return std::nullopt;
  reader.rest_ = data;
  reader.sequence_ = number;
  return reader;
}

std::optional<std::uint32_t> BlockReader::find(std::string_view text) const {
  const auto found = std::ranges::find(texts_, text);
  if (found == texts_.end()) return std::nullopt;
  return static_cast<std::uint32_t>(found - texts_.begin());
}

bool BlockReader::next(Row& row) {
  if (left_ == 0) return false;
  --left_;
  std::uint64_t value = 0;
  bool whole = take(rest_, value);
  row.sequence = sequence_ += static_cast<std::int64_t>(value);
  whole = whole && take(rest_, value);
  time_ += unfolded(value);
  row.note.time = Time(std::chrono::milliseconds(time_));
  whole = whole && take(rest_, row.id);
  for (std::uint32_t& text : row.texts) {
    whole = whole && take(rest_, value) && value < texts_.size();
    text = static_cast<std::uint32_t>(value);
  }
  whole = whole && take(rest_, value);
  row.note.attempts = static_cast<std::int32_t>(value);
  whole = whole && take(rest_, value);
  row.note.status = static_cast<std::int32_t>(value);
  for (const auto member : kNoteNumbers) {
    whole = whole && take(rest_, value);
    row.note.*member = static_cast<std::int64_t>(value);
  }
  if (!whole) left_ = 0;
  return whole;
}

void BlockReader::complete(Row& row) const {
  row.note.id = row.id;
  for (std::size_t i = 0; i < kNoteTexts.size(); ++i)
    row.note.*kNoteTexts[i] = texts_[row.texts[i]];
}

}  // namespace wasat::store
