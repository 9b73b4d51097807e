#include "store/sqlite/database.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace wasat::store {
namespace {

std::string_view remedy(int code) {
  switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "Another program holds the database locked: find it with `fuser` and end it, or wait";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "The file is damaged or no database: restore it from your backup, or save what is "
             "left with `sqlite3 wasat.db .recover`, or move it away to start afresh";
    case SQLITE_FULL:
      return "The disk is full: make room";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
      return "Give the file and its folder to the user that runs Wasat";
    case SQLITE_IOERR:
      return "The disk does not work as it should: look at the system's log and its free space";
    case SQLITE_CONSTRAINT:
      return "The change contradicts what is stored: look at what is there and try again";
    default:
      return "Look at the system's log, and report this if nothing explains it";
  }
}

std::string name_of(sqlite3* database) {
  std::string name = "the database";
  if (const char* path = sqlite3_db_filename(database, "main"); path != nullptr && *path != 0) {
    name.append(" ").append(path);
  }
  return name;
}

Error describe(sqlite3* database, int code) {
  Error error = internal_error(name_of(database) + " failed: " + sqlite3_errmsg(database) + ". " +
                               std::string(remedy(code)));
  if ((code & 0xff) == SQLITE_CONSTRAINT) {
    error.kind = ErrorKind::kInvalidRequest;
    error.source = ErrorSource::kClient;
  }
  return error;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      taken_(other.taken_) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  if (taken_ == nullptr) {
    sqlite3_finalize(statement_);
  } else {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    *taken_ = false;
  }
}

void Statement::reset() { sqlite3_reset(statement_); }

void Statement::bind_one(int index, std::int64_t value) {
  sqlite3_bind_int64(statement_, index, value);
}

void Statement::bind_one(int index, std::string_view text) {
  // An empty view may have no address, which SQLite would take for NULL.
  sqlite3_bind_text64(statement_, index, text.empty() ? "" : text.data(), text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
}

void Statement::bind_one(int index, Blob blob) {
  sqlite3_bind_blob64(statement_, index, blob.bytes.empty() ? "" : blob.bytes.data(),
                      blob.bytes.size(), SQLITE_TRANSIENT);
}

void Statement::bind_one(int index, std::nullptr_t) { sqlite3_bind_null(statement_, index); }

Result<bool> Statement::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return fail(describe(database_, code));
}

Result<> Statement::run() {
  const Result<bool> end = step();
  if (!end) return std::unexpected(end.error());
  return {};
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string_view Statement::text(int column) const {
  const unsigned char* text = sqlite3_column_text(statement_, column);
  if (text == nullptr) return {};
  return {reinterpret_cast<const char*>(text),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::blob(int column) const {
  const void* blob = sqlite3_column_blob(statement_, column);
  if (blob == nullptr) return {};
  return {static_cast<const char*>(blob),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

struct Database::Kept {
  sqlite3_stmt* statement = nullptr;
  bool taken = false;
  Kept() = default;
  Kept(const Kept&) = delete;
  Kept& operator=(const Kept&) = delete;
  ~Kept() { sqlite3_finalize(statement); }
};

Database::Database(sqlite3* database) : database_(database) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

void Database::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

Result<Database> Database::open(const std::string& path, std::chrono::milliseconds patience,
                                Use use) {
  // SQLite would make the file readable for all; its WAL gets the same mode.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(internal_error("cannot open the database " + path + " (" + std::strerror(errno) +
                               "). " + std::string(remedy(SQLITE_CANTOPEN))));
  }
  close(file);

  sqlite3* handle = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  Database database(handle);
  if (code != SQLITE_OK) return fail(describe(handle, code));
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, static_cast<int>(patience.count()));

  if (use == Use::kLedger) {
    // It counts for a file that is still empty only, and would write to any other.
    const Result<std::int64_t> pages = database.number("PRAGMA page_count");
    if (!pages) return std::unexpected(pages.error());
    Result<> set;
    if (*pages == 0) set = database.execute("PRAGMA auto_vacuum = INCREMENTAL");
    if (!set) return std::unexpected(std::move(set.error()));
  }
  if (Result<> journal = database.use_write_ahead_log(); !journal) {
    return std::unexpected(std::move(journal.error()));
  }
  const Result<> set =
      database.execute(std::string("PRAGMA synchronous = ") +
                       (use == Use::kLedger ? "NORMAL; PRAGMA wal_autocheckpoint = 4096" : "FULL") +
                       "; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
                       "PRAGMA cell_size_check = ON; PRAGMA journal_size_limit = 67108864;");
  if (!set) return std::unexpected(set.error());
  return database;
}

Result<> Database::use_write_ahead_log() {
  Result<Statement> mode = prepare("PRAGMA journal_mode = WAL");
  if (!mode) return std::unexpected(std::move(mode.error()));
  const Result<bool> row = mode->step();
  if (!row) return std::unexpected(row.error());
  if (mode->text(0) == "wal") return {};
  return fail(internal_error(
      "the database cannot use a write-ahead log where it is. Put the data folder on a local "
      "disk (WASAT_DATA_DIR), not on a network share"));
}

Result<std::int64_t> Database::number(std::string_view sql) {
  Result<Statement> statement = kept(sql);
  if (!statement) return std::unexpected(std::move(statement.error()));
  const Result<bool> row = statement->step();
  if (!row) return std::unexpected(row.error());
  return *row ? statement->integer(0) : 0;
}

std::int64_t Database::changed_rows() const { return sqlite3_changes64(database_.get()); }

std::int64_t Database::inserted_row() const { return sqlite3_last_insert_rowid(database_.get()); }

Result<> Database::execute(const std::string& sql) {
  const int code = sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return fail(describe(database_.get(), code));
  return {};
}

Result<> Database::check() {
  Result<Statement> rows = prepare("PRAGMA quick_check(1)");
  if (!rows) return std::unexpected(std::move(rows.error()));
  const Result<bool> row = rows->step();
  if (!row) return std::unexpected(row.error());
  if (*row && rows->text(0) == "ok") return {};
  return fail(internal_error(name_of(database_.get()) + " failed: " + std::string(rows->text(0)) +
                             ". " + std::string(remedy(SQLITE_CORRUPT))));
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                      &statement, nullptr);
  if (code != SQLITE_OK) return fail(describe(database_.get(), code));
  return Statement(database_.get(), statement, nullptr);
}

Result<Statement> Database::kept(std::string_view sql) {
  auto found = kept_.find(sql);
  if (found == kept_.end()) {
    auto made = std::make_unique<Kept>();
    const int code = sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &made->statement, nullptr);
    if (code != SQLITE_OK) return fail(describe(database_.get(), code));
    found = kept_.emplace(std::string(sql), std::move(made)).first;
  }
  Kept& statement = *found->second;
  if (statement.taken) return prepare(sql);  // in use further up
  statement.taken = true;
  return Statement(database_.get(), statement.statement, &statement.taken);
}

}  // namespace wasat::store
