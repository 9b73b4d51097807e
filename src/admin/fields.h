// Fields: reads the members of a request's JSON object and notes what is wrong.
//
// Each getter says that its name is known; problem(), called when all were read, tells of
// the first value that was not as it should be, or of a member that nobody asked for. Lives
// as long as the parsed document.

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "admin/answer.h"
#include "json/reader.h"

namespace wasat::admin {

class Fields {
 public:
  // `object` may be absent: then there are no fields. `place`: of the object within the
  // request, for messages: "credentials[3]".
  explicit Fields(json::Value object, std::string place = {});

  bool has(std::string_view name);
  // nullopt when it is missing, null, or wrong (which is noted).
  std::optional<std::string> text(std::string_view name, std::size_t most_bytes = 1024);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t low, std::int64_t high);
  std::optional<bool> boolean(std::string_view name);
  // A list of texts.
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t most_items,
                                                std::size_t most_bytes = 1024);
  // Absent when it is missing, null or wrong.
  json::Value list(std::string_view name);
  json::Value object(std::string_view name);
  // As it stands; for what is read by others.
  json::Value any(std::string_view name);
  // It was given as null: the default is wanted back.
  bool is_null(std::string_view name);

  // Notes that `name` is missing.
  void require(std::string_view name, bool there);
  // Notes what the caller found out itself; the first counts.
  void wrong(std::string_view name, std::string message, std::string remedy = {});

  std::optional<Refusal> problem() const;
  std::string path(std::string_view name) const;

 private:
  json::Value take(std::string_view name);
  json::Value take(std::string_view name, json::Type type, std::string_view type_name);

  json::Value object_;
  std::string place_;
  std::vector<std::string> known_;
  std::optional<Refusal> problem_;
};

}  // namespace wasat::admin
