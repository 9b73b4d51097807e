#include "store/sqlite/sqlite_ledger.h"

#include <algorithm>
#include <unordered_set>

#include "store/ledger/note_codec.h"
#include "store/sqlite/usage_reader.h"

namespace wasat::store {
namespace {

// While notes come, the lanes are emptied this often, so that they need not be large.
constexpr std::chrono::milliseconds kBusyRound{50};
// Steps of tidying between two transactions.
constexpr int kTidySteps = 4;

void add_one(std::atomic<std::uint64_t>& own) {  // of one writing thread
  own.store(own.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

Result<std::unique_ptr<SqliteLedger>> SqliteLedger::open(Options options, const Keys& keys,
                                                         const Clock& clock) {
  Result<LedgerWriter> writer =
      LedgerWriter::open(options.path, options.patience, keys, to_time(clock.wall()));
  if (!writer) return std::unexpected(std::move(writer.error()));
  return std::unique_ptr<SqliteLedger>(
      new SqliteLedger(std::move(options), keys, clock, std::move(*writer)));
}

SqliteLedger::SqliteLedger(Options options, const Keys& keys, const Clock& clock,
                           LedgerWriter writer)
    : options_(std::move(options)),
      keys_(keys),
      clock_(clock),
      enabled_(options_.limits.enabled),
      writer_(std::move(writer)),
      limits_(options_.limits) {
  for (std::size_t i = 0; i < options_.lanes; ++i) {
    lanes_.push_back(std::make_unique<Lane>(options_.lane_bytes));
  }
  thread_ = std::thread([this] { run(); });
}

SqliteLedger::~SqliteLedger() { stop(); }

void SqliteLedger::append(std::size_t lane, const LedgerNote& note) {
  if (!enabled()) return;
  Lane& own = *lanes_[lane];
  const bool has_bodies = !note.request_body.empty() || !note.response_body.empty();
  // First, so that they are there when the writer meets the note.
  const bool held = has_bodies && hold_bodies(note);
  encode_note(note, own.scratch);
  if (own.ring.push(own.scratch)) return add_one(own.taken);
  add_one(own.dropped);
  if (held) forget_bodies(note.id);
}

bool SqliteLedger::hold_bodies(const LedgerNote& note) {
  const std::lock_guard lock(bodies_mutex_);
  const std::size_t size = note.request_body.size() + note.response_body.size();
  if (held_bytes_ + size > options_.body_bytes) return false;
  held_bytes_ += size;
  bodies_.push_back(
      {std::string(note.id), std::string(note.request_body), std::string(note.response_body)});
  return true;
}

void SqliteLedger::forget_bodies(std::string_view id) {
  const std::lock_guard lock(bodies_mutex_);
  const auto found = std::ranges::find(bodies_, id, &LedgerBodies::id);
  if (found == bodies_.end()) return;
  held_bytes_ -= found->request.size() + found->response.size();
  bodies_.erase(found);
}

void SqliteLedger::run() {
  bool busy = false;
  for (bool stopping = false; !stopping;) {
    {
      std::unique_lock lock(mutex_);
      const auto pause = busy ? std::min(kBusyRound, options_.interval) : options_.interval;
      stopping = changed_.wait_for(lock, pause, [this] { return stop_; });
    }
    busy = gather();
    const auto now = std::chrono::steady_clock::now();
    const auto pause = failing_ ? options_.retry : options_.interval;
    if ((!waiting_.empty() || failing_) && (stopping || now - written_at_ >= pause)) {
      write();
      written_at_ = std::chrono::steady_clock::now();
    }
    if (!failing_ && !stopping && (untidy_ || now - tidied_at_ >= options_.tidying)) tidy();
  }
}

// Lanes to memory. True: there was something.
bool SqliteLedger::gather() {
  bool any = false;
  for (const auto& lane : lanes_) {
    const std::size_t before = waiting_.size();
    for (bool whole = false; !whole;) {
      const std::string_view piece = lane->ring.front();
      if (piece.empty()) break;
      waiting_.append(piece);
      lane->ring.consume(piece.size());
      lane->consumed += piece.size();
      // A piece that ends where the ring does may end within a note, any other ends behind one.
      whole = lane->consumed % lane->ring.capacity() != 0;
    }
    if (waiting_.size() == before) continue;
    any = true;
    keep_within_bound(before);
  }
  return any;
}

// Of the notes behind `before`, those that fit.
void SqliteLedger::keep_within_bound(std::size_t before) {
  if (waiting_.size() <= options_.waiting_bytes) return;
  std::string_view rest = std::string_view(waiting_).substr(before);
  std::size_t kept = before;
  while (const std::optional<EncodedNote> note = EncodedNote::take(rest)) {
    const std::size_t end = waiting_.size() - rest.size();
    if (end <= options_.waiting_bytes) {
      kept = end;
    } else {
      add_one(dropped_);
      forget_bodies(note->own().id);
    }
  }
  waiting_.resize(kept);
}

void SqliteLedger::write() {
  notes_.assign(waiting_);
  const Result<> result = write_waiting(notes_);
  remember(result);
  failing_ = !result;
  if (failing_) {
    // The file may have been moved away or put back; and what was remembered of it was undone.
    writer_.reset();
    return;
  }
  written_.fetch_add(notes_.size(), std::memory_order_relaxed);
  notes_.clear();
  waiting_.clear();
  // What a busy time takes it keeps; what a disk that took nothing has left it gives back.
  if (waiting_.capacity() > 4 * options_.lane_bytes) waiting_.shrink_to_fit();
}

Result<> SqliteLedger::write_waiting(const NoteBatch& notes) {
  if (!writer_) {
    Result<LedgerWriter> opened =
        LedgerWriter::open(options_.path, options_.patience, keys_, to_time(clock_.wall()));
    if (!opened) return std::unexpected(std::move(opened.error()));
    writer_ = std::move(*opened);
    openings_.fetch_add(1, std::memory_order_relaxed);
  }
  if (notes.size() == 0) return writer_->try_writing();
  const std::vector<LedgerBodies> bodies = bodies_of(notes);
  Result<> written = writer_->write(notes, bodies);
  if (written) {
    for (const LedgerBodies& each : bodies) forget_bodies(each.id);
  }
  return written;
}

// Bodies whose note is still in its lane stay where they are.
std::vector<LedgerBodies> SqliteLedger::bodies_of(const NoteBatch& notes) {
  const std::lock_guard lock(bodies_mutex_);
  std::vector<LedgerBodies> found;
  if (bodies_.empty()) return found;
  std::unordered_set<std::string_view> ids;
  for (std::size_t i = 0; i < notes.size(); ++i) ids.insert(notes.own(i).id);
  for (const LedgerBodies& each : bodies_) {
    if (ids.contains(each.id)) found.push_back(each);
  }
  return found;
}

void SqliteLedger::tidy() {
  LedgerLimits limits;
  {
    const std::lock_guard lock(mutex_);
    limits = limits_;
  }
  if (!writer_) return;
  tidied_at_ = std::chrono::steady_clock::now();
  Result<bool> more = true;
  for (int step = 0; step < kTidySteps && more && *more; ++step) {
    more = writer_->tidy(limits, to_time(clock_.wall()));
  }
  untidy_ = more && *more;
  const Result<std::uint64_t> used = writer_->used_bytes();
  if (used) bytes_.store(*used, std::memory_order_relaxed);
  // A full disk is told of by write(); that nothing can be removed is told of here.
  if (!more) remember(std::unexpected(more.error()));
  if (!more) writer_.reset();
  failing_ = !more;
}

void SqliteLedger::remember(const Result<>& result) {
  trouble_.set(result ? std::string() : result.error().detail);
}

// Another thread may ask at any time, and all share one connection.
template <class Read>
auto SqliteLedger::reading(Read read) -> decltype(read(std::declval<Database&>())) {
  const std::lock_guard lock(reader_mutex_);
  const std::uint64_t opening = openings_.load(std::memory_order_relaxed);
  if (!reader_ || reader_opening_ != opening) {
    reader_.reset();
    Result<Database> opened =
        Database::open(options_.path, options_.patience, Database::Use::kLedger);
    if (!opened) return std::unexpected(std::move(opened.error()));
    reader_ = std::move(*opened);
    reader_opening_ = opening;
  }
  auto result = read(*reader_);
  if (!result && result.error().source != ErrorSource::kClient) reader_.reset();
  return result;
}

Result<LedgerPage> SqliteLedger::find(const LedgerFilter& filter, const std::string& next,
                                      std::size_t limit) {
  return reading([&](Database& database) {
    return find_entries(database, filter, next, limit, options_.search);
  });
}

Result<std::optional<LedgerEntry>> SqliteLedger::read(const std::string& id) {
  return reading([&](Database& database) { return read_entry(database, keys_, id); });
}

Result<std::vector<UsageSum>> SqliteLedger::usage(Time since, Time until, UsageStep step,
                                                  UsageKey key,
                                                  const std::vector<std::string>& only) {
  return reading([&](Database& database) {
    return read_usage(database, since, until, step, key, only, to_time(clock_.wall()));
  });
}

Result<std::int64_t> SqliteLedger::remove(const LedgerFilter& filter) {
  // On a connection of its own: it may take long, and others want to read meanwhile.
  Result<Database> database =
      Database::open(options_.path, options_.patience, Database::Use::kLedger);
  if (!database) return std::unexpected(std::move(database.error()));
  return remove_entries(*database, filter);
}

void SqliteLedger::set_limits(const LedgerLimits& limits) {
  const std::lock_guard lock(mutex_);
  limits_ = limits;
  enabled_.store(limits.enabled && !stop_, std::memory_order_relaxed);
}

LedgerStatus SqliteLedger::status() const {
  LedgerStatus status;
  status.written = written_.load(std::memory_order_relaxed);
  status.bytes = bytes_.load(std::memory_order_relaxed);
  const std::uint64_t given_up = dropped_.load(std::memory_order_relaxed);
  status.dropped = given_up;
  std::uint64_t taken = 0;
  for (const auto& lane : lanes_) {
    status.dropped += lane->dropped.load(std::memory_order_relaxed);
    taken += lane->taken.load(std::memory_order_relaxed);
  }
  const std::uint64_t done = status.written + given_up;
  status.waiting = taken > done ? taken - done : 0;
  status.problem = trouble_.problem();
  status.healthy = status.problem.empty();
  return status;
}

void SqliteLedger::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    enabled_.store(false, std::memory_order_relaxed);
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

}  // namespace wasat::store
