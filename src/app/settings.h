// Settings: what the operator decided, as plain values for composition.
//
// Made at start and at every reload from, strongest first: flags, environment,
// store, TOML file, defaults. What can be set is one table (settings_table.cc).

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/cidr.h"
#include "base/secret.h"

namespace wasat::app {

struct Settings {
  // listen
  std::string host;
  std::int64_t port = 0;

  // server
  std::int64_t workers = 0;  // after loading never 0
  std::chrono::milliseconds drain_timeout{};
  std::chrono::milliseconds idle_timeout{};
  std::chrono::milliseconds head_timeout{};
  std::chrono::milliseconds body_timeout{};
  std::chrono::milliseconds write_timeout{};
  std::int64_t max_head_bytes = 0;
  std::int64_t max_body_bytes = 0;
  std::int64_t body_memory_bytes = 0;
  std::chrono::milliseconds heartbeat{};  // 0: none
  std::vector<Cidr> trusted_proxies;
  std::vector<std::string> cors_origins;

  // access
  std::vector<Secret> tokens;             // beside those in the store
  std::vector<std::string> tokens_allow;  // as account::Allowed reads them
  std::string tokens_limits;              // JSON, as account::Limits reads it; empty: none
  std::int64_t expected_output = 0;       // tokens
  Secret admin_password;                  // empty: the store's
  Secret metrics_token;

  // admin
  std::vector<std::string> admin_hosts;
  std::vector<Cidr> admin_allow;  // empty: all
  std::chrono::milliseconds session_idle{};
  std::chrono::milliseconds session_age{};
  std::chrono::milliseconds audit_age{};

  // gemini
  std::vector<Secret> gemini_api_keys;  // beside those in the store
  std::string gemini_base_url;          // without "/" and without a version at its end

  // upstream
  Secret proxy_url;             // may hold a password; empty: none
  std::vector<Secret> proxies;  // each credential has one of them
  std::vector<std::string> no_proxy;
  std::chrono::milliseconds connect_timeout{};
  std::chrono::milliseconds request_timeout{};
  std::chrono::milliseconds stream_idle_timeout{};
  std::chrono::milliseconds upstream_idle_timeout{};
  std::chrono::milliseconds upstream_max_age{};

  // fetch
  bool fetch_urls = true;
  std::vector<std::string> fetch_allow;  // CIDR ranges and host names
  std::int64_t fetch_bytes = 0;
  std::chrono::milliseconds fetch_time{};
  bool fetch_remote_dns = false;

  // pool
  std::string pool_policy;                  // "thompson"
  std::vector<std::string> pool_providers;  // in the order in which they serve
  std::int64_t pool_queue_size = 0;
  std::chrono::milliseconds pool_max_wait{};  // 0: nobody waits
  bool pool_hedge = false;
  std::int64_t pool_hedge_budget = 0;          // percent
  std::int64_t max_attempts = 0;               // at least 1 after loading
  std::int64_t max_failures = 0;               // 0: not set
  std::chrono::milliseconds cooling_period{};  // 0: not set

  // relay
  bool relay_enabled = true;
  std::vector<Secret> relay_tokens;  // of nodes, beside those in the store
  bool relay_open = false;           // nodes need no token
  std::string relay_trust;           // "auto", "all", "tokens"
  std::int64_t relay_max_nodes = 0;
  std::int64_t relay_max_messages = 0;  // of a node, in a second
  std::int64_t relay_max_rate = 0;      // bytes of a node, in a second; 0: any number
  std::int64_t relay_max_message = 0;   // bytes
  std::int64_t relay_window = 0;        // bytes of an answer
  std::chrono::milliseconds relay_request_timeout{};
  std::chrono::milliseconds relay_ping_interval{};

  // health
  std::chrono::milliseconds health_interval{};  // 0: no checks by the clock
  std::string health_model;
  Secret cron_secret;  // empty: nobody may ask for a check

  // models
  std::map<std::string, std::string> model_aliases;
  std::vector<std::string> fake_stream;  // globs
  std::map<std::string, std::string> thinking_budgets;
  std::map<std::string, std::string> prices;  // as account::read_price reads them
  std::string safety;                         // "off", "gemini", or a JSON array
  bool show_thoughts = true;
  bool search_links = false;

  // memory
  std::int64_t memory_bytes = 0;  // 0: nothing is remembered
  std::chrono::milliseconds memory_age{};

  // media
  std::string media_base_url;  // without "/" at its end; empty: no links
  std::string media_folder;    // after loading never empty
  std::chrono::milliseconds media_age{};
  std::int64_t media_bytes = 0;

  // store
  std::string data_dir;
  Secret encryption_key;
  std::string key_file;  // after loading never empty
  Secret database_url;

  // ledger
  bool ledger_enabled = true;
  std::chrono::milliseconds ledger_age{};
  std::int64_t ledger_bytes = 0;
  std::int64_t ledger_body_bytes = 0;  // of a request, and of an answer

  // log
  std::string log_level;
  std::string log_format;
  std::string access_log;
};

enum class Origin : std::uint8_t { kDefault, kFile, kStore, kEnvironment, kFlag };
std::string_view origin_name(Origin origin);

// One thing that is wrong, or odd.
struct Problem {
  bool fatal = true;
  std::string where;   // "wasat.toml:3:8", "environment variable PORT", "--port"
  std::string text;    // what is wrong; never a secret
  std::string remedy;  // what to do; empty: the text says it
};

struct Sources {
  std::map<std::string, std::string> flags;        // by key: "listen.port"
  std::map<std::string, std::string> environment;  // by name: "PORT"
  std::map<std::string, Secret> stored;            // by key, from the store
  std::string file;                                // a TOML file; empty: none
};

struct Loaded {
  Settings settings;
  std::map<std::string, Origin, std::less<>> origins;  // every key
  std::map<std::string, Secret, std::less<>> texts;    // of every key: what decided, as written
  std::vector<Problem> problems;

  bool ok() const;
  // A flag or the environment decides: read-only elsewhere.
  bool is_fixed(std::string_view key) const;
};

// Reads and validates everything; all problems, not only the first.
Loaded load_settings(const Sources& sources);

// The process's environment, for Sources.
std::map<std::string, std::string> read_environment();

// Keys whose values differ and that only take effect at the next start.
std::vector<std::string> changes_that_need_restart(const Settings& old_one,
                                                   const Settings& new_one);

// "error: wasat.toml:3:8: ...\n  To mend it: ...\n" for each.
std::string describe(const std::vector<Problem>& problems);

}  // namespace wasat::app
