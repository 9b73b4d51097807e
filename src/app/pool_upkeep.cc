#include "app/pool_upkeep.h"

#include "app/signals.h"

namespace wasat::app {
namespace {

constexpr std::chrono::seconds kTick{1};
constexpr int kTicksBetweenNotes = 60;
constexpr int kTicksBetweenOthers = 10;

}  // namespace

PoolUpkeep::PoolUpkeep(pool::Pool& pool, store::Store& store, const Clock& clock,
                       std::function<void()> now_and_then)
    : pool_(pool),
      store_(store),
      clock_(clock),
      now_and_then_(std::move(now_and_then)),
      thread_([this] { run(); }) {}

PoolUpkeep::~PoolUpkeep() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_one();
  thread_.join();
  note();
}

void PoolUpkeep::run() {
  block_signals();
  std::unique_lock lock(mutex_);
  for (int tick = 1; !stopping_.wait_for(lock, kTick, [this] { return stop_; }); ++tick) {
    lock.unlock();
    pool_.tick();
    if (tick % kTicksBetweenNotes == 0) note();
    if (tick % kTicksBetweenOthers == 0) now_and_then_();
    lock.lock();
  }
}

void PoolUpkeep::note() {
  for (store::Change& change : note_health(pool_.take_changed(), clock_)) {
    store_.note(std::move(change));
  }
}

}  // namespace wasat::app
