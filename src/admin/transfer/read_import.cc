#include "admin/transfer/read_import.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "admin/transfer/account_files.h"
#include "admin/transfer/balance_databases.h"
#include "admin/transfer/env_file.h"
#include "admin/transfer/export_document.h"
#include "admin/transfer/seed_values.h"

namespace wasat::admin::transfer {
namespace {

constexpr std::size_t kMostEnvironmentBytes = 16u << 20;
constexpr std::size_t kMostNames = 10'000;

Error unknown() {
  return client_error(ErrorKind::kInvalidRequest,
                      "this is no document that can be imported. Known are exports of Wasat, .env "
                      "files, SQLite databases of gemini-balance, gemini-balance-nextjs and "
                      "Business Gemini Pool, business_gemini_session.json, and OAuth accounts of "
                      "Code Assist");
}

Result<ReadDocument> read_json(std::string_view bytes, const KnownSettings& settings) {
  const auto buffer = Buffer::copy_of(bytes);
  json::Document document;
  const Result<json::Value> root = document.parse(buffer->padded());
  if (!root) return fail(unknown());
  ReadDocument read;
  if (is_enterprise_file(*root)) {
    read.kind = DocumentKind::kEnterprise;
    add_enterprise_file(read.cargo, settings, *root);
  } else if (is_code_assist_file(*root)) {
    read.kind = DocumentKind::kCodeAssist;
    add_code_assist_file(read.cargo, *root);
  } else {
    return fail(unknown());
  }
  return read;
}

Result<ReadDocument> read_environment_file(std::string_view bytes, const KnownSettings& settings) {
  const EnvFile file = read_env_file(bytes);
  if (file.values.size() > kMostNames) return fail(unknown());
  // Some name must be ours, or it is a text that happens to have "=".
  const bool known = std::ranges::any_of(
      file.values, [&](const EnvFile::Value& value) { return is_seed_name(value.name, settings); });
  if (!known) return fail(unknown());
  ReadDocument read{.kind = DocumentKind::kEnvironmentFile, .cargo = {}};
  std::map<std::string_view, const Secret*> last;  // of several the last counts
  for (const EnvFile::Value& value : file.values) last[value.name] = &value.text;
  for (const auto& [name, text] : last) add_seed_value(read.cargo, settings, name, *text);
  for (const std::size_t line : file.odd_lines) {
    read.cargo.remarks.push_back(
        {.what = fmt::format("line {}", line), .why = "is not NAME=value"});
  }
  return read;
}

}  // namespace

std::string_view document_kind_name(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::kUnknown:
      return "unknown";
    case DocumentKind::kExport:
      return "wasat_export";
    case DocumentKind::kEnvironmentFile:
      return "environment_file";
    case DocumentKind::kDatabase:
      return "database";
    case DocumentKind::kEnterprise:
      return "enterprise_accounts";
    case DocumentKind::kCodeAssist:
      return "code_assist_account";
  }
  return "unknown";
}

Result<ReadDocument> read_document(std::string_view bytes, const Secret& passphrase,
                                   const KnownSettings& settings) {
  if (store::ForeignDatabase::looks_like_one(bytes)) {
    const auto database = store::ForeignDatabase::open(bytes);
    if (!database) return fail(database.error());
    ReadDocument read{.kind = DocumentKind::kDatabase, .cargo = {}};
    if (const Result<> added = add_database(read.cargo, settings, *database); !added) {
      return fail(added.error());
    }
    return read;
  }
  const std::size_t first = bytes.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string_view::npos) return fail(unknown());
  if (bytes[first] == '{' || bytes[first] == '[') {
    const std::string_view text = bytes.substr(first);
    if (!is_export(text)) return read_json(text, settings);
    const auto buffer = Buffer::copy_of(text);
    Result<Cargo> cargo = read_export(buffer->padded(), passphrase);
    if (!cargo) return fail(cargo.error());
    return ReadDocument{.kind = DocumentKind::kExport, .cargo = std::move(*cargo)};
  }
  if (bytes.size() <= kMostEnvironmentBytes && looks_like_env_file(bytes)) {
    return read_environment_file(bytes, settings);
  }
  return fail(unknown());
}

}  // namespace wasat::admin::transfer
