#include "admin/credential_form.h"

#include "net/origin.h"
#include "provider/api_key/api_key.h"

namespace wasat::admin {

CredentialForm read_credential_form(Fields& fields) {
  CredentialForm form{.name = fields.text("name", 200),
                      .tier = {},
                      .weight = {},
                      .most_leases = {},
                      .proxy = fields.text("proxy", 1024),
                      .note = fields.text("note", 4096)};
  if (fields.is_null("tier")) {
    form.tier.emplace(std::nullopt);
  } else if (const auto tier = fields.integer("tier", 0, 1000)) {
    form.tier.emplace(static_cast<int>(*tier));
  }
  if (const auto weight = fields.integer("weight", 1, 1'000'000)) {
    form.weight = static_cast<std::uint32_t>(*weight);
  }
  if (const auto leases = fields.integer("most_leases", 0, 1'000'000)) {
    form.most_leases = static_cast<std::uint32_t>(*leases);
  }
  if (fields.is_null("proxy")) form.proxy = "";
  if (form.proxy && !form.proxy->empty()) {
    // The detail of what is wrong could repeat a password.
    if (!net::parse_proxy(*form.proxy)) {
      fields.wrong("proxy", "this is no proxy's URL",
                   "write http://user:password@host:port, or the scheme that the proxy speaks");
    }
  }
  return form;
}

void CredentialForm::apply(store::Credential& row) const {
  if (name) row.name = *name;
  if (tier) row.tier = *tier;
  if (weight) row.weight = *weight;
  if (most_leases) row.most_leases = *most_leases;
  if (proxy) row.proxy = Secret(*proxy);
  if (note) row.note = *note;
}

std::string read_provider(Fields& fields) {
  const std::string provider = fields.text("provider", 64).value_or(std::string(provider::kApiKey));
  if (provider != provider::kApiKey) {
    fields.wrong("provider", "there is no such provider", "known is: api_key");
  }
  return provider;
}

}  // namespace wasat::admin
