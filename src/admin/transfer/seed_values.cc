#include "admin/transfer/seed_values.h"

#include <algorithm>
#include <array>

#include "json/reader.h"

namespace wasat::admin::transfer {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) + 1 - first);
}

// What the same thing is called here.
struct Synonym {
  std::string_view theirs;
  std::string_view ours;
};
constexpr auto kSynonyms = std::to_array<Synonym>({
    {"TIME_OUT", "REQUEST_TIMEOUT"},
    {"BASE_URL", "GEMINI_BASE_URL"},
    {"TEST_MODEL", "HEALTH_CHECK_MODEL"},
    {"SERVICE_PORT", "PORT"},
    {"SERVICE_HOST", "HOST"},
    {"GEMINI_PROXY_URL", "PROXY_URL"},
    {"GEMINI_MAX_FAILURES", "MAX_FAILURES"},
    {"GEMINI_COOLING_PERIOD", "COOLING_PERIOD"},
    {"GEMINI_REQUEST_TIMEOUT", "REQUEST_TIMEOUT"},
    {"GEMINI_MAX_RETRIES", "MAX_RETRIES"},
    {"SERVICE_LOG_LEVEL", "LOG_LEVEL"},
});

// What has no counterpart, or one of another kind.
constexpr auto kExplained = std::to_array<Synonym>({
    {"DATABASE_URL", "where the other program keeps its data. Import that database itself"},
    {"DATABASE_TYPE", "where the other program keeps its data. Import that database itself"},
    {"SQLITE_DATABASE", "where the other program keeps its data. Import that database itself"},
    {"API_KEY_ENCRYPTION_KEY",
     "protects the other program's data. This Wasat has a key of its own"},
    {"ADMIN_SESSION_EXPIRE", "how long sessions last is Wasat's own affair"},
    {"CHECK_INTERVAL_HOURS", "set HEALTH_CHECK_INTERVAL to as many hours here"},
    {"SEARCH_MODELS", "every model that can search has its -search name here"},
    {"IMAGE_MODELS", "every model that makes images has its -image name here"},
    {"THINKING_MODELS", "which models think is known here"},
    {"FAKE_STREAM_ENABLED", "set FAKE_STREAM_MODELS to the models, or *, here"},
    {"AUTO_DELETE_ERROR_LOGS_DAYS", "see the settings under ledger"},
    {"AUTO_DELETE_REQUEST_LOGS_DAYS", "see the settings under ledger"},
});

template <std::size_t size>
const Synonym* find(const std::array<Synonym, size>& list, std::string_view name) {
  const auto found = std::ranges::find(list, name, &Synonym::theirs);
  return found == list.end() ? nullptr : &*found;
}

bool has_api_keys(std::string_view name) {
  return name == "GEMINI_API_KEYS" || name == "API_KEYS" || name == "GEMINI_API_KEY" ||
         name == "GOOGLE_API_KEY" || name == "GOOGLE_API_KEYS" || name == "PAID_KEY";
}
bool has_tokens(std::string_view name) {
  return name == "ALLOWED_TOKENS" || name == "SECURITY_ADAPTER_API_KEYS";
}
bool has_password(std::string_view name) {
  return name == "AUTH_TOKEN" || name == "ADMIN_SECRET_KEY";
}

bool can_be_sent(std::string_view text) {
  return std::ranges::all_of(text, [](unsigned char c) { return c > 0x20 && c < 0x7f; });
}

void remark(Cargo& cargo, std::string_view name, std::string why) {
  cargo.remarks.push_back({.what = std::string(name.substr(0, 100)), .why = std::move(why)});
}

void add_keys(Cargo& cargo, std::string_view name, const Secret& value, std::string_view provider,
              std::string_view reason) {
  std::size_t number = 0;
  for (Secret& key : listed_secrets(value.reveal())) {
    ++number;
    if (!can_be_sent(key.reveal())) {
      remark(cargo, name,
             "its entry " + std::to_string(number) +
                 " has a character that no header can carry. Copy it again");
      continue;
    }
    cargo.credentials.push_back({.id = {},
                                 .provider = std::string(provider),
                                 .name = "imported " + std::to_string(cargo.credentials.size() + 1),
                                 .secret = std::move(key),
                                 .state = reason.empty() ? store::CredentialState::kReady
                                                         : store::CredentialState::kNeedsPerson,
                                 .reason = std::string(reason),
                                 .tier = {},
                                 .proxy = {},
                                 .note = std::string(name)});
  }
}

void add_tokens(Cargo& cargo, std::string_view name, const Secret& value) {
  std::size_t number = 0;
  for (Secret& token : listed_secrets(value.reveal())) {
    ++number;
    if (token.equals("*")) {
      remark(cargo, name, "\"*\" would let everybody in. Make a token for each client");
    } else if (!can_be_sent(token.reveal())) {
      remark(cargo, name,
             "its entry " + std::to_string(number) +
                 " has a character that no header can carry. Make a new token");
    } else {
      cargo.plain_tokens.push_back(std::move(token));
    }
  }
}

}  // namespace

std::vector<Secret> listed_secrets(std::string_view text) {
  std::vector<Secret> found;
  text = trim(text);
  if (text.starts_with('[')) {
    const auto buffer = Buffer::copy_of(text);
    json::Document document;
    const Result<json::Value> root = document.parse(buffer->padded());
    if (root && root->is_array()) {
      for (const json::Value item : *root) {
        const std::string_view entry = trim(item.string_or(""));
        if (!entry.empty()) found.emplace_back(entry);
      }
      return found;
    }
  }
  constexpr std::string_view kBetween = ",; \t\r\n[]\"'";
  while (!text.empty()) {
    const std::size_t first = text.find_first_not_of(kBetween);
    if (first == std::string_view::npos) break;
    text.remove_prefix(first);
    const std::string_view entry = text.substr(0, text.find_first_of(kBetween));
    found.emplace_back(entry);
    text.remove_prefix(entry.size());
  }
  return found;
}

bool is_seed_name(std::string_view name, const KnownSettings& settings) {
  return has_api_keys(name) || has_tokens(name) || has_password(name) ||
         name == "VERTEX_API_KEYS" || find(kSynonyms, name) != nullptr ||
         find(kExplained, name) != nullptr || settings.find_by_environment(name).has_value();
}

void add_seed_value(Cargo& cargo, const KnownSettings& settings, std::string_view name,
                    const Secret& value) {
  if (trim(value.reveal()).empty() || trim(value.reveal()) == "[]") return;
  if (has_api_keys(name)) return add_keys(cargo, name, value, "api_key", "");
  if (name == "VERTEX_API_KEYS") {
    return add_keys(cargo, name, value, "vertex_express",
                    "this Wasat cannot use Vertex keys yet. It keeps them");
  }
  if (has_tokens(name)) return add_tokens(cargo, name, value);
  if (has_password(name)) {
    // A hash of another kind (bcrypt) lets nobody in here.
    if (value.reveal().starts_with("$2")) {
      return remark(cargo, name, "is a hash. The admin password of here goes on");
    }
    cargo.admin_password = Secret(trim(value.reveal()));
    return;
  }
  if (const Synonym* explained = find(kExplained, name)) {
    return remark(cargo, name, std::string(explained->ours));
  }
  const Synonym* synonym = find(kSynonyms, name);
  const auto known = settings.find_by_environment(synonym != nullptr ? synonym->ours : name);
  if (!known) return remark(cargo, name, "means nothing to this Wasat");
  cargo.settings.insert_or_assign(
      known->key, CargoSetting{.value = Secret(trim(value.reveal())), .secret = known->secret});
}

}  // namespace wasat::admin::transfer
