#include "simulator/fields.h"

namespace wasat::simulator {

bool is_field(std::string_view name, std::string_view camel) {
  if (name == camel) return true;
  std::size_t at = 0;
  for (const char c : camel) {
    const bool upper = c >= 'A' && c <= 'Z';
    if (upper && (at >= name.size() || name[at++] != '_')) return false;
    if (at >= name.size() || name[at++] != (upper ? static_cast<char>(c + 32) : c)) return false;
  }
  return at == name.size();
}

json::Value field(json::Value object, std::string_view camel) {
  json::Value found;
  for (const json::Value member : object) {
    if (is_field(member.key(), camel)) found = member;
  }
  return found;
}

}  // namespace wasat::simulator
