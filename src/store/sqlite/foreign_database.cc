#include "store/sqlite/foreign_database.h"

#include <sqlite3.h>

#include <algorithm>
#include <string>

namespace wasat::store {
namespace {

constexpr std::string_view kMagic("SQLite format 3\0", 16);
constexpr std::size_t kHeaderBytes = 100;
constexpr std::size_t kWriteVersion = 18;  // 2: write-ahead log, which memory has not
constexpr std::size_t kReadVersion = 19;
constexpr int kLongestValue = 16 << 20;
// Of the virtual machine's steps: seconds at most.
constexpr int kStepsBetweenLooks = 100'000;
constexpr int kMostLooks = 20'000;

Error damaged(const char* what) {
  return client_error(ErrorKind::kInvalidRequest,
                      std::string("the database cannot be read: ") + what +
                          ". Copy it again while its program is stopped");
}

int count_down(void* looks) { return --*static_cast<int*>(looks) < 0 ? 1 : 0; }

std::uint32_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return value;
}

// Whether the file has as many pages as its header says. SQLite would take those that are
// missing for empty ones, and what stood there would be lost without a word.
bool is_whole(std::string_view bytes) {
  constexpr std::size_t kPageSize = 16;
  constexpr std::size_t kChanges = 24;
  constexpr std::size_t kPages = 28;
  constexpr std::size_t kChangesOfPages = 92;  // when kPages was true
  std::uint64_t page = big_endian(bytes, kPageSize, 2);
  if (page == 1) page = 65536;
  if (big_endian(bytes, kChanges, 4) != big_endian(bytes, kChangesOfPages, 4)) return true;
  return bytes.size() >= page * big_endian(bytes, kPages, 4);
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using StatementPtr = std::unique_ptr<sqlite3_stmt, Finalize>;

std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column))};
}

}  // namespace

struct ForeignDatabase::State {
  sqlite3* database = nullptr;
  int looks = kMostLooks;

  ~State() { sqlite3_close_v2(database); }
  Result<StatementPtr> prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) {
      return fail(damaged(sqlite3_errmsg(database)));
    }
    return StatementPtr(statement);
  }
};

ForeignDatabase::ForeignDatabase(std::unique_ptr<State> state) : state_(std::move(state)) {}
ForeignDatabase::ForeignDatabase(ForeignDatabase&&) noexcept = default;
ForeignDatabase::~ForeignDatabase() = default;

bool ForeignDatabase::looks_like_one(std::string_view bytes) { return bytes.starts_with(kMagic); }

Result<ForeignDatabase> ForeignDatabase::open(std::string_view bytes) {
  if (!looks_like_one(bytes) || bytes.size() < kHeaderBytes) {
    return fail(damaged("it is no SQLite database"));
  }
  if (!is_whole(bytes)) return fail(damaged("its end is missing"));
  auto state = std::make_unique<State>();
  if (sqlite3_open_v2(":memory:", &state->database,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_MEMORY,
                      nullptr) != SQLITE_OK) {
    return fail(internal_error("SQLite does not open a database in memory"));
  }
  sqlite3* database = state->database;
  sqlite3_db_config(database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(database, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_limit(database, SQLITE_LIMIT_LENGTH, kLongestValue);
  sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
  sqlite3_progress_handler(database, kStepsBetweenLooks, count_down, &state->looks);

  auto* copy = static_cast<unsigned char*>(sqlite3_malloc64(bytes.size()));
  if (copy == nullptr) return fail(internal_error("no memory for the database"));
  std::ranges::copy(bytes, reinterpret_cast<char*>(copy));
  copy[kWriteVersion] = 1;
  copy[kReadVersion] = 1;
  const auto size = static_cast<sqlite3_int64>(bytes.size());
  // SQLite frees the copy, also when it fails.
  if (sqlite3_deserialize(database, "main", copy, size, size,
                          SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_READONLY) !=
      SQLITE_OK) {
    return fail(damaged(sqlite3_errmsg(database)));
  }
  const std::string pragmas = "PRAGMA cell_size_check = ON; PRAGMA query_only = ON;";
  if (sqlite3_exec(database, pragmas.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    return fail(damaged(sqlite3_errmsg(database)));
  }
  const Result<StatementPtr> check = state->prepare("PRAGMA quick_check(1)");
  if (!check) return fail(check.error());
  if (sqlite3_step(check->get()) != SQLITE_ROW) return fail(damaged(sqlite3_errmsg(database)));
  if (text_of(check->get(), 0) != "ok") return fail(damaged("its pages contradict each other"));
  return ForeignDatabase(std::move(state));
}

bool ForeignDatabase::has_table(std::string_view table,
                                std::span<const std::string_view> columns) const {
  const std::string name(table);
  const Result<StatementPtr> plain =
      state_->prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '" + name +
                      "' COLLATE NOCASE AND sql NOT LIKE 'CREATE VIRTUAL%'");
  if (!plain || sqlite3_step(plain->get()) != SQLITE_ROW) return false;
  return std::ranges::all_of(columns, [&](std::string_view column) {
    const Result<StatementPtr> found = state_->prepare("SELECT 1 FROM pragma_table_xinfo('" + name +
                                                       "') WHERE hidden = 0 AND "
                                                       "name = '" +
                                                       std::string(column) + "' COLLATE NOCASE");
    return found && sqlite3_step(found->get()) == SQLITE_ROW;
  });
}

Result<std::vector<std::vector<std::string>>> ForeignDatabase::rows(
    std::string_view table, std::span<const std::string_view> columns, std::size_t most) const {
  std::string sql = "SELECT ";
  for (const std::string_view column : columns) {
    if (column != columns.front()) sql += ", ";
    sql.append("\"").append(column).append("\"");
  }
  sql.append(" FROM \"").append(table).append("\" LIMIT ").append(std::to_string(most));
  const Result<StatementPtr> statement = state_->prepare(sql);
  if (!statement) return fail(statement.error());
  std::vector<std::vector<std::string>> found;
  for (;;) {
    const int code = sqlite3_step(statement->get());
    if (code == SQLITE_DONE) return found;
    if (code != SQLITE_ROW) {
      return fail(damaged(code == SQLITE_INTERRUPT ? "it takes too long"
                                                   : sqlite3_errmsg(state_->database)));
    }
    std::vector<std::string>& row = found.emplace_back();
    for (int column = 0; column < static_cast<int>(columns.size()); ++column) {
      row.push_back(text_of(statement->get(), column));
    }
  }
}

}  // namespace wasat::store
