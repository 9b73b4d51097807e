// Which credentials a request asks for, and in which order: filters, search, sorting and
// paging over all of them. Pure, but for the state of the credentials, which goes on changing.

#pragma once

#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "admin/call.h"
#include "admin/fields.h"
#include "admin/registry.h"

namespace wasat::admin {

// "ready", "cooling" (for all or for a model), "disabled", "needs_person".
std::string_view state_name(const pool::Credential& credential, pool::WallTime now);

// All that is given must hold.
struct CredentialFilter {
  std::string state;
  std::string provider;
  std::string text;  // within name, id, masked key, note or provider; case does not count
  std::optional<int> tier;
  std::uint32_t min_failures = 0;  // in a row

  bool matches(const CredentialRow& row, pool::WallTime now) const;
};

enum class CredentialOrder : std::uint8_t { kCreated, kName, kFailures, kSuccessRate, kLastUsed };

struct CredentialPage {
  std::vector<const CredentialRow*> rows;
  std::size_t matching = 0;
  std::string next;  // a cursor; empty: that was the last page
};

// The same from a JSON object: {"state","provider","tier","min_failures","search"}.
std::expected<CredentialFilter, Refusal> read_filter(Fields& fields);
// From "?state=&provider=&tier=&min_failures=&search=".
std::expected<CredentialFilter, Refusal> credential_filter(const Call& call);
// "?sort=name", "?sort=-name"; the default is the oldest first.
// `transient`: what is shown beside the registry's own; outlives the page.
std::expected<CredentialPage, Refusal> page_of_credentials(const Registry& registry,
                                                           std::span<const CredentialRow> transient,
                                                           const CredentialFilter& filter,
                                                           const std::string& sort,
                                                           const Paging& paging,
                                                           pool::WallTime now);

}  // namespace wasat::admin
