#include "admin/compat/keys.h"

#include "admin/credential_list.h"

namespace wasat::admin::compat {
namespace {

constexpr std::size_t kShortestPrefix = 4;

}  // namespace

std::string shown_key(const CredentialRow& row) {
  return row.live->secret().mask() + "~" + row.live->id();
}

std::string_view status_word(const CredentialRow& row, pool::WallTime now) {
  const std::string_view state = state_name(*row.live, now);
  if (state == "ready") return "active";
  return state == "cooling" ? "cooling" : "failed";
}

std::vector<const CredentialRow*> find_keys(const Registry& registry, std::string_view text) {
  std::vector<const CredentialRow*> found;
  const std::size_t tilde = text.rfind('~');
  const std::string_view id = tilde == std::string_view::npos ? text : text.substr(tilde + 1);
  if (const CredentialRow* row = registry.find_credential(id)) {
    found.push_back(row);
    return found;
  }
  for (const CredentialRow& row : registry.credentials()) {
    if (row.live->secret().equals(text)) return {&row};
    if (text.size() >= kShortestPrefix && row.live->secret().reveal().starts_with(text)) {
      found.push_back(&row);
    }
  }
  return found;
}

}  // namespace wasat::admin::compat
