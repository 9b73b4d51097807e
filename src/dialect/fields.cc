#include "dialect/fields.h"

namespace wasat::dialect {

std::string_view type_name(json::Type type) {
  switch (type) {
    case json::Type::kAbsent:
      return "nothing";
    case json::Type::kNull:
      return "null";
    case json::Type::kBool:
      return "a boolean";
    case json::Type::kNumber:
      return "a number";
    case json::Type::kString:
      return "a string";
    case json::Type::kArray:
      return "an array";
    case json::Type::kObject:
      break;
  }
  return "an object";
}

Error wrong_type(std::string path, std::string_view expected, json::Value got) {
  std::string detail = "Invalid type for '" + path + "': expected ";
  detail += expected;
  detail += ", but got ";
  detail += type_name(got.type());
  detail += " instead.";
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(path));
}

std::string Fields::path_of(std::string_view name) const {
  std::string path = path_;
  if (!path.empty()) path += '.';
  return path.append(name);
}

void Fields::wrong(Error error) {
  if (!problem_) problem_ = std::move(error);
}

json::Value Fields::any(std::string_view name) const {
  const json::Value value = object_[name];
  return value.is_null() ? json::Value{} : value;
}

json::Value Fields::typed(std::string_view name, json::Type type, std::string_view expected) {
  const json::Value value = any(name);
  if (!value || value.type() == type) return value;
  wrong(wrong_type(path_of(name), expected, value));
  return {};
}

json::Value Fields::string(std::string_view name) {
  return typed(name, json::Type::kString, "a string");
}
json::Value Fields::array(std::string_view name) {
  return typed(name, json::Type::kArray, "an array");
}
json::Value Fields::object(std::string_view name) {
  return typed(name, json::Type::kObject, "an object");
}

std::optional<bool> Fields::boolean(std::string_view name) {
  return typed(name, json::Type::kBool, "a boolean").boolean();
}

std::optional<double> Fields::number(std::string_view name) {
  const json::Value value = typed(name, json::Type::kNumber, "a number");
  const std::optional<double> number = value.number();
  if (value && !number) wrong(wrong_type(path_of(name), "a finite number", value));
  return number;
}

std::optional<std::int64_t> Fields::integer(std::string_view name) {
  const json::Value value = typed(name, json::Type::kNumber, "an integer");
  const std::optional<std::int64_t> integer = value.integer();
  if (value && !integer) wrong(wrong_type(path_of(name), "an integer", value));
  return integer;
}

}  // namespace wasat::dialect
