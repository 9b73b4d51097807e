// Database and Statement: SQLite with values for errors and RAII for handles.
//
// A Database belongs to one thread at a time. Statements end before it does.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

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

  std::int64_t integer(int column) const;
  std::string_view text(int column) const;
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Database;
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
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
};

class Database {
 public:
  // Opens the file, or makes it with mode 0600, in WAL mode with foreign keys on.
  // `patience`: how long a statement waits for another process's lock.
  static Result<Database> open(const std::string& path, std::chrono::milliseconds patience);

  // Any number of statements without parameters. A semicolon ends each.
  Result<> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  // Prepares, binds and runs.
  template <class... Values>
  Result<> run(std::string_view sql, const Values&... values) {
    Result<Statement> statement = prepare(sql);
    if (!statement) return std::unexpected(std::move(statement.error()));
    return statement->bind(values...).run();
  }

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  Result<> use_write_ahead_log();
  std::unique_ptr<sqlite3, Close> database_;
};

}  // namespace wasat::store
