#include "store/ledger/note_batch.h"

#include <algorithm>

namespace wasat::store {

void NoteBatch::assign(std::string_view lanes) {
  clear();
  append(lanes);
  // Each lane's are in order already.
  if (std::ranges::is_sorted(places_, {}, &Place::time)) return;
  std::ranges::sort(places_, [](const Place& a, const Place& b) {
    return a.time != b.time ? a.time < b.time : a.order < b.order;
  });
}

void NoteBatch::add(const LedgerNote& note) {
  std::string& bytes = own_.emplace_back();
  encode_note(note, bytes);
  bytes += '\n';
  append(bytes);
}

void NoteBatch::clear() {
  places_.clear();
  texts_.clear();
  indexes_.clear();
  recent_ = {};
  own_.clear();
}

void NoteBatch::append(std::string_view bytes) {
  while (const std::optional<EncodedNote> note = EncodedNote::take(bytes)) {
    places_.push_back(
        {note->time(), *note, index_of(note->texts()), static_cast<std::uint32_t>(places_.size())});
  }
}

std::uint32_t NoteBatch::index_of(std::string_view bytes) {
  for (const Known& known : recent_) {
    if (known.bytes == bytes) return known.index;
  }
  const auto [found, is_new] =
      indexes_.try_emplace(bytes, static_cast<std::uint32_t>(texts_.size()));
  if (is_new) read_texts(bytes, texts_.emplace_back());
  recent_[oldest_] = {bytes, found->second};
  oldest_ = (oldest_ + 1) % recent_.size();
  return found->second;
}

}  // namespace wasat::store
