#include "net/authorities.h"

#include <algorithm>
#include <filesystem>

namespace wasat::net {
namespace {

// "002c0b4f.0"
bool is_hash(std::string_view name) {
  constexpr std::size_t kDigits = 8;
  return name.size() == kDigits + 2 && name.ends_with(".0") &&
         name.find_first_not_of("0123456789abcdef") == kDigits;
}

bool is_hashed(const std::filesystem::path& folder) {
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    if (is_hash(at->path().filename().native())) return true;
  }
  return false;
}

}  // namespace

bool needs_authority_file(std::string_view folders, const char* named_file) {
  if (named_file != nullptr) return true;
  while (!folders.empty()) {
    const std::string_view folder = folders.substr(0, folders.find(':'));
    folders.remove_prefix(std::min(folders.size(), folder.size() + 1));
    if (is_hashed(folder)) return false;
  }
  return true;
}

}  // namespace wasat::net
