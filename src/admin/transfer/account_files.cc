#include "admin/transfer/account_files.h"

#include <algorithm>
#include <array>

#include "admin/transfer/seed_values.h"

namespace wasat::admin::transfer {
namespace {

constexpr std::string_view kNoEnterprise =
    "this Wasat cannot use accounts of Gemini Enterprise yet. It keeps this one, sealed and whole";
constexpr std::string_view kNoCodeAssist =
    "this Wasat cannot use Code Assist accounts yet. It keeps this one, sealed and whole";

// What of a configuration is a setting here.
struct Counterpart {
  std::string_view theirs;
  std::string_view environment;
};
constexpr auto kCounterparts = std::to_array<Counterpart>({
    {"proxy", "PROXY_URL"},
    {"image_base_url", "IMAGE_BASE_URL"},
    {"log_level", "LOG_LEVEL"},
});

void add_account(Cargo& cargo, std::string_view provider, std::string name, json::Value account,
                 std::string_view reason) {
  if (name.empty()) name = "imported " + std::to_string(cargo.credentials.size() + 1);
  cargo.credentials.push_back({.id = {},
                               .provider = std::string(provider),
                               .name = name.substr(0, 200),
                               .secret = Secret(account.raw()),
                               .state = store::CredentialState::kNeedsPerson,
                               .reason = std::string(reason),
                               .tier = {},
                               .proxy = {},
                               .note = {}});
}

// A text, or a number as it stands; empty for all else.
std::string text_of(json::Value value) {
  if (value.is_number()) return std::string(value.raw());
  return std::string(value.string_or(""));
}

bool has_text(json::Value value) { return !value.string_or("").empty(); }

}  // namespace

bool is_enterprise_account(json::Value value) {
  return value.is_object() && value["secure_c_ses"].is_string() && value["csesidx"];
}

bool is_enterprise_file(json::Value root) {
  if (is_enterprise_account(root)) return true;
  const json::Value list = root.is_array() ? root : root["accounts"];
  if (!list.is_array() || list.size() == 0) return false;
  for (const json::Value account : list) {
    if (is_enterprise_account(account)) return true;
  }
  return false;
}

void add_enterprise_account(Cargo& cargo, json::Value account) {
  std::string name = text_of(account["tempmail_name"]);
  if (name.empty()) name = text_of(account["csesidx"]);
  const std::string team = text_of(account["team_id"]) + text_of(account["config_id"]);
  if (!team.empty()) name += (name.empty() ? "" : " in ") + team;
  add_account(cargo, kEnterprise, std::move(name), account, kNoEnterprise);
}

void add_enterprise_file(Cargo& cargo, const KnownSettings& settings, json::Value root) {
  if (is_enterprise_account(root)) return add_enterprise_account(cargo, root);
  std::size_t number = 0;
  for (const json::Value account : root.is_array() ? root : root["accounts"]) {
    ++number;
    if (is_enterprise_account(account)) {
      add_enterprise_account(cargo, account);
    } else {
      cargo.remarks.push_back(
          {.what = "account " + std::to_string(number),
           .why = "has no secure_c_ses or no csesidx. Sign in again with the other program"});
    }
  }
  if (!root.is_object()) return;
  for (const json::Value member : root) {
    const std::string_view name = member.key();
    if (name == "accounts" || name == "proxy_enabled") continue;
    const auto* counterpart = std::ranges::find(kCounterparts, name, &Counterpart::theirs);
    if (counterpart == kCounterparts.end()) {
      cargo.remarks.push_back(
          {.what = std::string(name.substr(0, 100)), .why = "means nothing to this Wasat"});
    } else if (name != "proxy" || root["proxy_enabled"].boolean().value_or(true)) {
      add_seed_value(cargo, settings, counterpart->environment, Secret(text_of(member)));
    }  // a proxy that is switched off stays so
  }
}

bool is_code_assist_file(json::Value root) {
  if (!root.is_object()) return false;
  return has_text(root["credentials"]["refresh_token"]) ||
         has_text(root["token"]["refresh_token"]) || has_text(root["refresh_token"]);
}

void add_code_assist_file(Cargo& cargo, json::Value root) {
  std::string name;
  for (const char* member : {"email", "projectId", "project_id"}) {
    const std::string text = text_of(root[member]);
    if (!text.empty()) name += (name.empty() ? "" : " in ") + text;
  }
  add_account(cargo, kCodeAssist, std::move(name), root, kNoCodeAssist);
}

}  // namespace wasat::admin::transfer
