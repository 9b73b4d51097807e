// What a request says of a credential: of a new one, or of one that is edited.

#pragma once

#include <optional>
#include <string>

#include "admin/fields.h"
#include "store/records.h"

namespace wasat::admin {

// What is not said stays as it is.
struct CredentialForm {
  std::optional<std::string> name;
  std::optional<std::optional<int>> tier;  // null: its provider's place
  std::optional<std::uint32_t> weight;
  std::optional<std::uint32_t> most_leases;
  std::optional<std::string> proxy;  // empty: as the settings say
  std::optional<std::string> note;

  void apply(store::Credential& row) const;
};

CredentialForm read_credential_form(Fields& fields);

// The provider that is asked for; the only one when none is.
std::string read_provider(Fields& fields);

}  // namespace wasat::admin
