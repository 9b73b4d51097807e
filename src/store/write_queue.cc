#include "store/write_queue.h"

#include <algorithm>
#include <iterator>

namespace wasat::store {
namespace {

std::size_t memo_bytes(const Change& change) {
  const auto* put = std::get_if<PutMemo>(&change);
  return put != nullptr ? put->memo.value.size() : 0;
}

}  // namespace

bool WriteQueue::push(Transaction& transaction) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || transactions_.size() >= limits_.transactions) return false;
    transactions_.push_back(std::move(transaction));
  }
  ready_.notify_one();
  return true;
}

void WriteQueue::push(Change note) {
  {
    const std::lock_guard lock(mutex_);
    const std::size_t bytes = memo_bytes(note);
    if (closed_ || notes_.size() >= limits_.notes || memo_bytes_ + bytes > limits_.memo_bytes) {
      return count_dropped(1);
    }
    memo_bytes_ += bytes;
    notes_.push_back(std::move(note));
  }
  ready_.notify_one();
}

WriteQueue::Batch WriteQueue::pop(std::chrono::steady_clock::time_point notes_from) {
  std::unique_lock lock(mutex_);
  given_out_ = 0;
  const auto urgent = [&] { return closed_ || !transactions_.empty(); };
  ready_.wait_until(lock, notes_from, urgent);
  ready_.wait(lock, [&] { return urgent() || !notes_.empty(); });
  Batch batch;
  if (!transactions_.empty()) {
    batch.transaction = std::move(transactions_.front());
    transactions_.pop_front();
    return batch;
  }
  const auto count = static_cast<std::ptrdiff_t>(std::min(notes_.size(), limits_.notes_at_once));
  batch.notes.assign(std::make_move_iterator(notes_.begin()),
                     std::make_move_iterator(notes_.begin() + count));
  notes_.erase(notes_.begin(), notes_.begin() + count);
  for (const Change& note : batch.notes) memo_bytes_ -= memo_bytes(note);
  given_out_ = batch.notes.size();
  return batch;
}

bool WriteQueue::put_back(std::vector<Change>& notes) {
  const std::lock_guard lock(mutex_);
  given_out_ = 0;
  if (closed_) return false;
  for (const Change& note : notes) memo_bytes_ += memo_bytes(note);
  notes_.insert(notes_.begin(), std::make_move_iterator(notes.begin()),
                std::make_move_iterator(notes.end()));
  return true;
}

void WriteQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

std::size_t WriteQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return transactions_.size() + notes_.size() + given_out_;
}

}  // namespace wasat::store
