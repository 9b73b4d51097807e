// SqliteLedger: the ledger in a SQLite file of its own, beside the store's.
//
// Apart from the store, since it may grow large, is written all the time and is worth less:
// its commits need not survive a power cut, its writer makes no administrative change wait,
// and what damages or fills it leaves credentials and tokens alone.
//
// Owned by composition; opened at start, stopped after the workers have drained. Workers put
// notes into lanes of their own, without a lock and without a system call; the writer's thread
// empties them every few milliseconds and writes them twice a second. When the disk takes
// nothing, notes wait in memory up to a bound, status() says so, and the file is opened again
// every second until it works.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "observe/line_ring.h"
#include "store/keys.h"
#include "store/ledger.h"
#include "store/sqlite/ledger_reader.h"
#include "store/sqlite/ledger_writer.h"

namespace wasat::store {

class SqliteLedger final : public Ledger {
 public:
  struct Options {
    std::string path;
    std::size_t lanes = 1;                     // one per worker
    std::size_t lane_bytes = 2u << 20;         // a power of two
    std::size_t waiting_bytes = 16u << 20;     // of notes, while the disk takes nothing
    std::size_t body_bytes = 16u << 20;        // of bodies on their way
    std::chrono::milliseconds patience{1000};  // for another process's lock
    std::chrono::milliseconds interval{400};   // between two transactions
    std::chrono::milliseconds retry{1000};     // after one that failed
    std::chrono::milliseconds tidying{5000};   // between two looks at age and size
    LedgerLimits limits;
    LedgerSearchBounds search;
  };

  // Opens or makes the file and brings it to the form that this program knows. Every error
  // says what to do. `keys` and `clock` outlive the ledger.
  static Result<std::unique_ptr<SqliteLedger>> open(Options options, const Keys& keys,
                                                    const Clock& clock);
  ~SqliteLedger() override;

  void append(std::size_t lane, const LedgerNote& note) override;
  bool enabled() const override { return enabled_.load(std::memory_order_relaxed); }
  Result<LedgerPage> find(const LedgerFilter& filter, const std::string& next,
                          std::size_t limit) override;
  Result<std::optional<LedgerEntry>> read(const std::string& id) override;
  Result<std::vector<UsageSum>> usage(Time since, Time until, UsageStep step, UsageKey key,
                                      const std::vector<std::string>& only) override;
  Result<std::int64_t> remove(const LedgerFilter& filter) override;
  void set_limits(const LedgerLimits& limits) override;
  LedgerStatus status() const override;
  void watch(Trouble::Watcher watcher) override { trouble_.watch(std::move(watcher)); }
  void stop() override;

 private:
  struct Lane {
    explicit Lane(std::size_t bytes) : ring(bytes) {}
    observe::LineRing ring;
    std::string scratch;         // the worker's
    std::uint64_t consumed = 0;  // the writer's: bytes
    std::atomic<std::uint64_t> dropped{0};
    std::atomic<std::uint64_t> taken{0};
  };

  SqliteLedger(Options options, const Keys& keys, const Clock& clock, LedgerWriter writer);
  bool hold_bodies(const LedgerNote& note);
  void forget_bodies(std::string_view id);
  void run();
  bool gather();
  void keep_within_bound(std::size_t before);
  void write();
  Result<> write_waiting(const NoteBatch& notes);
  std::vector<LedgerBodies> bodies_of(const NoteBatch& notes);
  void tidy();
  void remember(const Result<>& result);
  template <class Read>
  auto reading(Read read) -> decltype(read(std::declval<Database&>()));

  const Options options_;
  const Keys& keys_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<bool> enabled_;

  // The writer's own.
  std::optional<LedgerWriter> writer_;  // nothing: to be opened again
  std::string waiting_;                 // notes, as note_codec.h writes them
  NoteBatch notes_;                     // the same, in order
  bool failing_ = false;
  bool untidy_ = false;
  std::chrono::steady_clock::time_point written_at_;
  std::chrono::steady_clock::time_point tidied_at_;

  std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> dropped_{0};
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> openings_{0};  // of the file, by the writer

  std::mutex bodies_mutex_;
  std::deque<LedgerBodies> bodies_;  // whose notes are on their way
  std::size_t held_bytes_ = 0;

  std::mutex reader_mutex_;
  std::optional<Database> reader_;
  std::uint64_t reader_opening_ = 0;

  Trouble trouble_;

  std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  LedgerLimits limits_;
  bool stop_ = false;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace wasat::store
