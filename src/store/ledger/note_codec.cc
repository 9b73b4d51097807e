#include "store/ledger/note_codec.h"

#include <array>
#include <cstring>

namespace wasat::store {
namespace {

// Behind it the id, then the sizes of the other texts, then those.
struct Head {
  std::uint32_t size;  // of all, with the lane's byte
  std::uint32_t id_size;
  std::int32_t attempts;
  std::int32_t status;
  std::int64_t time;
  std::array<std::int64_t, kNoteNumbers.size()> numbers;
};
using Sizes = std::array<std::uint16_t, kNoteTexts.size()>;

Head head_at(const char* bytes) {
  Head head;
  std::memcpy(&head, bytes, sizeof(Head));
  return head;
}

// For texts as short as most: what takes a call of memcpy some twenty instructions takes six.
char* put_short(char* at, std::string_view text) {
  const auto put_ends = [&]<class Word>(Word) {
    Word first;
    Word last;
    std::memcpy(&first, text.data(), sizeof(Word));
    std::memcpy(&last, text.data() + text.size() - sizeof(Word), sizeof(Word));
    std::memcpy(at, &first, sizeof(Word));
    std::memcpy(at + text.size() - sizeof(Word), &last, sizeof(Word));
  };
  if (text.size() > 2 * sizeof(std::array<char, 16>)) {
    std::memcpy(at, text.data(), text.size());
  } else if (text.size() >= 16) {
    put_ends(std::array<char, 16>());
  } else if (text.size() >= 8) {
    put_ends(std::uint64_t());
  } else if (text.size() >= 4) {
    put_ends(std::uint32_t());
  } else {
    for (std::size_t i = 0; i < text.size(); ++i) at[i] = text[i];
  }
  return at + text.size();
}

std::string_view cut(std::string_view text, std::size_t most = kMostNoteText) {
  return text.substr(0, most);
}

}  // namespace

void encode_note(const LedgerNote& note, std::string& out) {
  Head head;
  head.attempts = note.attempts;
  head.status = note.status;
  head.time = note.time.time_since_epoch().count();
#pragma clang loop unroll(full)
  for (std::size_t i = 0; i < head.numbers.size(); ++i) head.numbers[i] = note.*kNoteNumbers[i];
  const std::string_view id = cut(note.id);
  head.id_size = static_cast<std::uint32_t>(id.size());
  std::array<std::string_view, kNoteTexts.size()> texts;
  Sizes sizes;
  std::size_t size = sizeof(Head) + id.size() + sizeof(Sizes);
#pragma clang loop unroll(full)  // so that which members they are is known
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool is_error = kNoteTexts[i] == &LedgerNote::error;
    texts[i] = cut(note.*kNoteTexts[i], is_error ? kMostNoteError : kMostNoteText);
    sizes[i] = static_cast<std::uint16_t>(texts[i].size());
    size += texts[i].size();
  }
  head.size = static_cast<std::uint32_t>(size + 1);
  out.resize(size);
  char* at = out.data();
  std::memcpy(at, &head, sizeof(Head));
  at = put_short(at + sizeof(Head), id);
  std::memcpy(at, &sizes, sizeof(Sizes));
  at += sizeof(Sizes);
  for (const std::string_view text : texts) at = put_short(at, text);
}

std::optional<EncodedNote> EncodedNote::take(std::string_view& bytes) {
  if (bytes.size() < sizeof(Head)) return std::nullopt;
  const EncodedNote note(bytes.data());
  const std::uint32_t size = head_at(bytes.data()).size;
  if (bytes.size() < size) return std::nullopt;
  bytes.remove_prefix(size);
  return note;
}

Time EncodedNote::time() const { return Time(std::chrono::milliseconds(head_at(at_).time)); }

NoteOwn EncodedNote::own() const {
  const Head head = head_at(at_);
  return {.time = Time(std::chrono::milliseconds(head.time)),
          .id = {at_ + sizeof(Head), head.id_size},
          .attempts = head.attempts,
          .status = head.status,
          .numbers = head.numbers};
}

std::string_view EncodedNote::texts() const {
  const Head head = head_at(at_);
  const std::size_t own = sizeof(Head) + head.id_size;
  return {at_ + own, head.size - 1 - own};
}

void read_texts(std::string_view texts, LedgerNote& note) {
  Sizes sizes;
  std::memcpy(&sizes, texts.data(), sizeof(Sizes));
  std::size_t at = sizeof(Sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    note.*kNoteTexts[i] = texts.substr(at, sizes[i]);
    at += sizes[i];
  }
}

}  // namespace wasat::store
