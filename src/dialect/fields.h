// Reading the members of a client's request with their types checked.
//
// The first thing that is wrong stays in problem(); the caller reads everything
// it wants and looks once. A member that is null counts as absent.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/reader.h"

namespace wasat::dialect {

class Fields {
 public:
  // `path` names the object in errors: "messages[2]"; empty for the root.
  Fields(json::Value object, std::string path) : object_(object), path_(std::move(path)) {}

  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name);
  std::optional<double> number(std::string_view name);
  // A string, an array, an object; or absent.
  json::Value string(std::string_view name);
  json::Value array(std::string_view name);
  json::Value object(std::string_view name);
  // Of any type but null.
  json::Value any(std::string_view name) const;

  // "messages[2].content"
  std::string path_of(std::string_view name) const;
  const std::optional<Error>& problem() const { return problem_; }
  // Notes a problem, unless there is one already.
  void wrong(Error error);

 private:
  json::Value typed(std::string_view name, json::Type type, std::string_view expected);

  json::Value object_;
  std::string path_;
  std::optional<Error> problem_;
};

std::string_view type_name(json::Type type);
Error wrong_type(std::string path, std::string_view expected, json::Value got);

}  // namespace wasat::dialect
