#include "store/ledger/note_codec.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace wasat::store {
namespace {

constexpr std::size_t kTexts = 11;

struct Head {
  std::uint32_t size;  // of all, with the lane's byte
  std::int32_t attempts;
  std::int32_t status;
  std::array<std::uint16_t, kTexts> sizes;
  std::int64_t time;
  std::array<std::int64_t, 9> numbers;
};

constexpr std::array<std::string_view LedgerNote::*, kTexts> kTextMembers = {
    &LedgerNote::id,
    &LedgerNote::token_id,
    &LedgerNote::client,
    &LedgerNote::dialect,
    &LedgerNote::method,
    &LedgerNote::model,
    &LedgerNote::upstream_model,
    &LedgerNote::provider,
    &LedgerNote::credential_id,
    &LedgerNote::outcome,
    &LedgerNote::error};

constexpr std::array<std::int64_t LedgerNote::*, 9> kNumberMembers = {
    &LedgerNote::input,       &LedgerNote::cached,   &LedgerNote::output,
    &LedgerNote::thoughts,    &LedgerNote::cost,     &LedgerNote::first_byte_us,
    &LedgerNote::duration_us, &LedgerNote::bytes_in, &LedgerNote::bytes_out};

}  // namespace

void encode_note(const LedgerNote& note, std::string& out) {
  Head head;
  head.attempts = note.attempts;
  head.status = note.status;
  head.time = note.time.time_since_epoch().count();
  for (std::size_t i = 0; i < head.numbers.size(); ++i) {
    head.numbers[i] = note.*kNumberMembers[i];
  }
  std::size_t size = sizeof(Head);
  for (std::size_t i = 0; i < kTexts; ++i) {
    const std::size_t most = i + 1 == kTexts ? kMostNoteError : kMostNoteText;
    head.sizes[i] = static_cast<std::uint16_t>(std::min((note.*kTextMembers[i]).size(), most));
    size += head.sizes[i];
  }
  head.size = static_cast<std::uint32_t>(size + 1);
  out.resize(size);
  char* at = out.data();
  std::memcpy(at, &head, sizeof(Head));
  at += sizeof(Head);
  for (std::size_t i = 0; i < kTexts; ++i) {
    if (head.sizes[i] == 0) continue;
    std::memcpy(at, (note.*kTextMembers[i]).data(), head.sizes[i]);
    at += head.sizes[i];
  }
}

bool take_note(std::string_view& bytes, LedgerNote& note) {
  Head head;
  if (bytes.size() < sizeof(Head)) return false;
  std::memcpy(&head, bytes.data(), sizeof(Head));
  if (bytes.size() < head.size) return false;
  note = {};
  note.attempts = head.attempts;
  note.status = head.status;
  note.time = Time(std::chrono::milliseconds(head.time));
  for (std::size_t i = 0; i < head.numbers.size(); ++i) {
    note.*kNumberMembers[i] = head.numbers[i];
  }
  std::size_t at = sizeof(Head);
  for (std::size_t i = 0; i < kTexts; ++i) {
    note.*kTextMembers[i] = bytes.substr(at, head.sizes[i]);
    at += head.sizes[i];
  }
  bytes.remove_prefix(head.size);
  return true;
}

}  // namespace wasat::store
