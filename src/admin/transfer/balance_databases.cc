#include "admin/transfer/balance_databases.h"

#include <array>

#include "admin/transfer/account_files.h"
#include "admin/transfer/seed_values.h"
#include "json/writer.h"

namespace wasat::admin::transfer {
namespace {

using store::ForeignDatabase;
using Columns = std::array<std::string_view, 2>;

constexpr Columns kPairs = {"key", "value"};
constexpr std::array<std::string_view, 3> kApiKey = {"key", "enabled", "failCount"};
constexpr std::array<std::string_view, 5> kAccount = {"team_id", "secure_c_ses", "host_c_oses",
                                                      "csesidx", "user_agent"};
constexpr std::size_t kMostRows = 1'000'000;

Result<> add_pairs(Cargo& cargo, const KnownSettings& settings, const ForeignDatabase& database,
                   std::string_view table) {
  const auto rows = database.rows(table, kPairs, kMostRows);
  if (!rows) return fail(rows.error());
  for (const auto& row : *rows) add_seed_value(cargo, settings, row[0], Secret(row[1]));
  return {};
}

Result<> add_balance(Cargo& cargo, const KnownSettings& settings, const ForeignDatabase& database) {
  if (Result<> added = add_pairs(cargo, settings, database, "t_settings"); !added) return added;
  constexpr std::array<std::string_view, 1> kName = {"name"};
  if (!database.has_table("t_file_records", kName)) return {};
  const auto files = database.rows("t_file_records", kName, kMostRows);
  if (files && !files->empty()) {
    cargo.remarks.push_back(
        {.what = "t_file_records",
         .why = std::to_string(files->size()) +
                " uploaded files are not taken: Google deletes them within two days"});
  }
  return {};
}

Result<> add_balance_next(Cargo& cargo, const KnownSettings& settings,
                          const ForeignDatabase& database) {
  const auto keys = database.rows("ApiKey", kApiKey, kMostRows);
  if (!keys) return fail(keys.error());
  for (const auto& row : *keys) {
    const std::size_t before = cargo.credentials.size();
    add_seed_value(cargo, settings, "API_KEYS", Secret(row[0]));
    const bool enabled = row[1] != "0" && row[1] != "false";
    for (std::size_t i = before; i < cargo.credentials.size() && !enabled; ++i) {
      cargo.credentials[i].state = store::CredentialState::kDisabled;
      cargo.credentials[i].reason = "was switched off where it came from";
    }
  }
  if (!database.has_table("Setting", kPairs)) return {};
  return add_pairs(cargo, settings, database, "Setting");
}

// Its accounts as the same program exports them.
Result<> add_enterprise(Cargo& cargo, const ForeignDatabase& database) {
  const auto rows = database.rows("accounts", kAccount, kMostRows);
  if (!rows) return fail(rows.error());
  for (const auto& row : *rows) {
    std::string text;
    json::Writer out(text);
    out.begin_object();
    for (std::size_t i = 0; i < kAccount.size(); ++i) out.member(kAccount.at(i), row[i]);
    out.end_object();
    const auto buffer = Buffer::copy_of(text);
    json::Document document;
    if (const auto account = document.parse(buffer->padded())) {
      add_enterprise_account(cargo, *account);
    }
  }
  cargo.remarks.push_back(
      {.what = "api_keys",
       .why = "are stored there so that they cannot be read. Make a token for each client"});
  return {};
}

}  // namespace

DatabaseKind kind_of(const ForeignDatabase& database) {
  if (database.has_table("t_settings", kPairs)) return DatabaseKind::kBalance;
  if (database.has_table("ApiKey", kApiKey)) return DatabaseKind::kBalanceNext;
  if (database.has_table("accounts", kAccount)) return DatabaseKind::kEnterprise;
  return DatabaseKind::kUnknown;
}

Result<> add_database(Cargo& cargo, const KnownSettings& settings,
                      const ForeignDatabase& database) {
  switch (kind_of(database)) {
    case DatabaseKind::kBalance:
      return add_balance(cargo, settings, database);
    case DatabaseKind::kBalanceNext:
      return add_balance_next(cargo, settings, database);
    case DatabaseKind::kEnterprise:
      return add_enterprise(cargo, database);
    case DatabaseKind::kUnknown:
      break;
  }
  return fail(client_error(ErrorKind::kInvalidRequest,
                           "the database is of no program that is known here. Known are "
                           "gemini-balance, gemini-balance-nextjs and Business Gemini Pool"));
}

}  // namespace wasat::admin::transfer
