// ForeignDatabase: an SQLite file of another program's, given as bytes and never trusted.
//
// It is read from memory, so that its secrets lie in no temporary file; nothing of it is
// ever written. Views, triggers and functions of its schema are not run, and a query that
// takes too long is broken off. Belongs to one thread; off the workers.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace wasat::store {

class ForeignDatabase {
 public:
  // Whether the bytes begin as a database does.
  static bool looks_like_one(std::string_view bytes);

  // Copies `bytes`. Error: kInvalidRequest, it is damaged or no database.
  static Result<ForeignDatabase> open(std::string_view bytes);
  ForeignDatabase(ForeignDatabase&&) noexcept;
  ~ForeignDatabase();

  // Whether there is a plain table of this name with all of these columns.
  bool has_table(std::string_view table, std::span<const std::string_view> columns) const;

  // The columns as texts (numbers printed, NULL empty), at most `most` rows, in the order
  // in which they were added. Names are not quoted: give literals of ours.
  Result<std::vector<std::vector<std::string>>> rows(std::string_view table,
                                                     std::span<const std::string_view> columns,
                                                     std::size_t most) const;

 private:
  struct State;
  explicit ForeignDatabase(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace wasat::store
