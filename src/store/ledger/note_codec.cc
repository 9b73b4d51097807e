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

std::string_view cut(std::string_view text, std::size_t most = kMostNoteText) {
  return text.substr(0, most);
}

}  // namespace

void encode_note(const LedgerNote& note, std::string& out) {
  Head head;
  head.attempts = note.attempts;
  head.status = note.status;
  head.time = note.time.time_since_epoch().count();
  for (std::size_t i = 0; i < head.numbers.size(); ++i) head.numbers[i] = note.*kNoteNumbers[i];
  const std::string_view id = cut(note.id);
  head.id_size = static_cast<std::uint32_t>(id.size());
  std::array<std::string_view, kNoteTexts.size()> texts;
  Sizes sizes;
  std::size_t size = sizeof(Head) + id.size() + sizeof(Sizes);
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const bool is_error = kNoteTexts[i] == &LedgerNote::error;
    texts[i] = cut(note.*kNoteTexts[i], is_error ? kMostNoteError : kMostNoteText);
    sizes[i] = static_cast<std::uint16_t>(texts[i].size());
    size += texts[i].size();
  }
  head.size = static_cast<std::uint32_t>(size + 1);
  out.resize(size);
  char* at = out.data();
  const auto put = [&at](const void* data, std::size_t bytes) {
    std::memcpy(at, data, bytes);
    at += bytes;
  };
  put(&head, sizeof(Head));
  if (!id.empty()) put(id.data(), id.size());
  put(&sizes, sizeof(Sizes));
  for (const std::string_view text : texts) {
    if (!text.empty()) put(text.data(), text.size());
  }
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

LedgerNote EncodedNote::note() const {
  const Head head = head_at(at_);
  LedgerNote note;
  note.time = Time(std::chrono::milliseconds(head.time));
  note.id = {at_ + sizeof(Head), head.id_size};
  note.attempts = head.attempts;
  note.status = head.status;
  for (std::size_t i = 0; i < head.numbers.size(); ++i) note.*kNoteNumbers[i] = head.numbers[i];
  return note;
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
