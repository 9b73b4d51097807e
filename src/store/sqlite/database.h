// Database and Statement: SQLite with values for errors and RAII for handles.
//
// A Database belongs to one thread at a time. Statements end before it does. Those that
// run() and kept() make are prepared once and used again: a text that is made up
// each time belongs to prepare().

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace wasat::store {

struct Blob {
  std::string_view bytes;
};

class Database;

class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Binds all parameters, from the first. Texts and blobs are copied.
  template <class... Values>
  Statement& bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
    return *this;
  }
  // True: there is a row; its views live until the next step.
  Result<bool> step();
  // For statements without rows.
  Result<> run();
  // Begins anew, with other values.
  void reset();

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  // `taken`: of the owner that keeps the statement; nullptr: it is finalized at the end.
  Statement(sqlite3* database, sqlite3_stmt* statement, bool* taken)
      : database_(database), statement_(statement), taken_(taken) {}
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, std::string_view text);
  void bind_one(int index, Blob blob);
  void bind_one(int index, std::nullptr_t);
  template <class Value>
  void bind_one(int index, const std::optional<Value>& value) {
    value ? bind_one(index, *value) : bind_one(index, nullptr);
  }

  sqlite3* database_;
  sqlite3_stmt* statement_;
  bool* taken_;
};

class Database {
 public:
  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  enum class Use : std::uint8_t {
    kRecords,  // what was committed survives a power cut
    kLedger,   // ... the end of this process; many small commits, and the file can shrink
  };

  // Opens the file, or makes it with mode 0600, in WAL mode with foreign keys on.
  // `patience`: how long a statement waits for another process's lock.
  static Result<Database> open(const std::string& path, std::chrono::milliseconds patience,
                               Use use = Use::kRecords);

  // Of one row with one number, such as a PRAGMA's.
  Result<std::int64_t> number(std::string_view sql);
  // What the last kept or prepared INSERT, UPDATE or DELETE did.
  std::int64_t changed_rows() const;
  std::int64_t inserted_row() const;

  // Any number of statements without parameters. A semicolon ends each.
  Result<> execute(const std::string& sql);
  // Looks at every page: damage shows now, and not when somebody first reads it. A second for
  // a gigabyte, about.
  Result<> check();
  Result<Statement> prepare(std::string_view sql);
  // The same, prepared the first time only.
  Result<Statement> kept(std::string_view sql);
  // Binds and runs a kept statement.
  template <class... Values>
  Result<> run(std::string_view sql, const Values&... values) {
    Result<Statement> statement = kept(sql);
    if (!statement) return std::unexpected(std::move(statement.error()));
    return statement->bind(values...).run();
  }
  // Runs `read`, which gives a Result, so that all of it is of the same moment.
  template <class Read>
  auto at_one_moment(Read read) -> decltype(read()) {
    if (Result<> begun = execute("BEGIN"); !begun) {
      return std::unexpected(std::move(begun.error()));
    }
    auto result = read();
    static_cast<void>(execute("ROLLBACK"));
    return result;
  }
  // Runs `work`, which gives a Result<>, as one transaction that writes: all of it or nothing.
  template <class Work>
  Result<> in_transaction(Work work) {
    if (Result<> begun = execute("BEGIN IMMEDIATE"); !begun) return begun;
    Result<> done = work();
    if (done) done = execute("COMMIT");
    // After a failed COMMIT it may still be open; if not, this does nothing.
    if (!done) static_cast<void>(execute("ROLLBACK"));
    return done;
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  struct Kept;
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view sql) const {
      return std::hash<std::string_view>()(sql);
    }
  };
  explicit Database(sqlite3* database);
  Result<> use_write_ahead_log();
  std::unique_ptr<sqlite3, Close> database_;
  std::unordered_map<std::string, std::unique_ptr<Kept>, Hash, std::equal_to<>> kept_;
};

}  // namespace wasat::store
