#include "app/options.h"

#include <charconv>

#include "app/first_start.h"
#include "app/text.h"
#include "gateway/route.h"
#include "provider/relay/relay.h"

namespace wasat::app {
namespace {

std::optional<net::Proxy> proxy_of(const Secret& url) {
  if (url.empty()) return std::nullopt;
  Result<net::Proxy> proxy = net::parse_proxy(url.reveal());
  if (!proxy) return std::nullopt;
  return std::move(*proxy);
}

gateway::FetchOptions fetch_options(const Settings& settings) {
  gateway::FetchOptions options;
  options.enabled = settings.fetch_urls;
  options.most_bytes = static_cast<std::size_t>(settings.fetch_bytes);
  options.most_time = settings.fetch_time;
  options.remote_dns = settings.fetch_remote_dns;
  std::vector<Cidr> allowed;
  for (const std::string& entry : settings.fetch_allow) {
    if (const std::optional<Cidr> range = Cidr::parse(entry)) {
      allowed.push_back(*range);
    } else {
      options.hosts.push_back(entry);
    }
  }
  options.rules = net::AddressRules(std::move(allowed));
  options.proxy = proxy_of(settings.proxy_url);
  options.no_proxy = net::NoProxy(with_commas(settings.no_proxy));
  return options;
}

provider::ApiKeyOptions api_key_options(const Settings& settings) {
  provider::ApiKeyOptions options;
  options.body_idle = std::chrono::ceil<std::chrono::seconds>(settings.stream_idle_timeout);
  Result<provider::ApiAddress> address = provider::parse_api_address(settings.gemini_base_url);
  if (!address) return options;
  options.path_prefix = std::move(address->path_prefix);
  const bool direct = net::NoProxy(with_commas(settings.no_proxy)).matches(address->origin.host);
  http::Upstream usual{.origin = std::move(address->origin), .proxy = {}};
  std::vector<net::Proxy> list;
  if (!direct) {
    usual.proxy = proxy_of(settings.proxy_url);
    for (const Secret& url : settings.proxies) {
      if (std::optional<net::Proxy> proxy = proxy_of(url)) list.push_back(std::move(*proxy));
    }
  }
  options.egress = provider::Egress(std::move(usual), list);
  return options;
}

std::map<std::string, int, std::less<>> thinking_budgets(const Settings& settings) {
  std::map<std::string, int, std::less<>> budgets;
  for (const auto& [model, tokens] : settings.thinking_budgets) {
    int budget = 0;
    const auto read = std::from_chars(tokens.data(), tokens.data() + tokens.size(), budget);
    if (read.ec == std::errc()) budgets.emplace(model, budget);
  }
  return budgets;
}

dialect::Options dialect_options(const Settings& settings) {
  dialect::Options options;
  if (settings.safety == "gemini") {
    options.safety_settings.clear();
  } else if (settings.safety != "off") {
    options.safety_settings = settings.safety;
  }
  options.show_thoughts = settings.show_thoughts;
  options.search_links = settings.search_links;
  return options;
}

gateway::RelayTrust relay_trust(const Settings& settings) {
  if (settings.relay_trust == "all") return gateway::RelayTrust::kAll;
  if (settings.relay_trust == "tokens") return gateway::RelayTrust::kTokens;
  return gateway::RelayTrust::kAuto;
}

// The machine's names as clients of the admin API may write them.
std::vector<std::string> admin_hosts(const Settings& settings) {
  std::vector<std::string> hosts = settings.admin_hosts;
  const std::string& url = settings.media_base_url;
  if (const std::size_t scheme = url.find("://"); scheme != std::string::npos) {
    const std::size_t end = url.find('/', scheme + 3);
    hosts.push_back(url.substr(scheme + 3, end == std::string::npos ? end : end - scheme - 3));
  }
  return hosts;
}

}  // namespace

pool::PoolOptions pool_options(const Settings& settings) {
  pool::PoolOptions options;
  constexpr std::array<std::pair<std::string_view, pool::Policy>, 5> kPolicies{
      {{"thompson", pool::Policy::kThompson},
       {"round_robin", pool::Policy::kRoundRobin},
       {"least_busy", pool::Policy::kLeastBusy},
       {"weighted", pool::Policy::kWeighted},
       {"fill_first", pool::Policy::kFillFirst}}};
  for (const auto& [name, policy] : kPolicies) {
    if (settings.pool_policy == name) options.policy = policy;
  }
  options.providers = settings.pool_providers;
  // As the first relay chose: the fewest requests, then who has rested longest.
  options.policies.emplace(provider::kRelay, pool::Policy::kLeastBusy);
  options.queue_size = static_cast<std::size_t>(settings.pool_queue_size);
  options.max_wait = settings.pool_max_wait;
  if (settings.max_failures > 0) {
    options.max_failures = static_cast<std::uint32_t>(settings.max_failures);
  }
  if (settings.cooling_period.count() > 0) {
    options.cooling_period = std::chrono::ceil<std::chrono::seconds>(settings.cooling_period);
  }
  return options;
}

relay::Options relay_options(const Settings& settings, std::span<const store::Token> tokens) {
  return {.enabled = settings.relay_enabled,
          .expected = expects_nodes(settings, tokens),
          .most_nodes = static_cast<std::size_t>(settings.relay_max_nodes),
          .most_messages = static_cast<std::uint64_t>(settings.relay_max_messages),
          .most_rate = static_cast<std::uint64_t>(settings.relay_max_rate),
          .most_message = static_cast<std::uint64_t>(settings.relay_max_message),
          .window = static_cast<std::size_t>(settings.relay_window),
          .request_timeout = settings.relay_request_timeout,
          .ping_interval = settings.relay_ping_interval};
}

gateway::Options gateway_options(const Settings& settings) {
  const std::optional<IpAddress> address = parse_ip(settings.host);
  const bool loopback =
      settings.host == "localhost" || (address && (Cidr::parse("127.0.0.0/8")->contains(*address) ||
                                                   Cidr::parse("::1")->contains(*address)));
  const auto bytes = static_cast<std::size_t>(settings.max_body_bytes);
  return {.max_attempts = static_cast<int>(settings.max_attempts),
          .hedge_percent = settings.pool_hedge ? static_cast<int>(settings.pool_hedge_budget) : 0,
          .first_byte_timeout = settings.request_timeout,
          .stream_idle_timeout = settings.stream_idle_timeout,
          .body_limits = {.wire_bytes = bytes, .decoded_bytes = bytes},
          .trusted_proxies = settings.trusted_proxies,
          .cors_origins = settings.cors_origins,
          .metrics_token = settings.metrics_token,
          .heartbeat_after = settings.heartbeat,
          .fake_stream = settings.fake_stream,
          .thinking_budgets = thinking_budgets(settings),
          .expected_output = settings.expected_output,
          .health_interval = settings.health_interval,
          .health_model = gemini::clean_model_name(settings.health_model),
          .cron_secret = settings.cron_secret,
          .most_logged_body = static_cast<std::size_t>(settings.ledger_body_bytes),
          .fetch = fetch_options(settings),
          .media_url = settings.media_base_url,
          .api_key = api_key_options(settings),
          .dialects = dialect_options(settings),
          .relay_trust = relay_trust(settings),
          .relay_open = settings.relay_open,
          .loopback_only = loopback};
}

admin::Options admin_options(const Settings& settings) {
  return {.guard = {.hosts = admin_hosts(settings),
                    .allow = settings.admin_allow,
                    .trusted_proxies = settings.trusted_proxies},
          .sessions = {.idle = settings.session_idle, .age = settings.session_age},
          .audit_age = settings.audit_age};
}

// The words were checked when the settings were read.
account::Allowed allowed_of(const Settings& settings) {
  return account::Allowed::parse(with_commas(settings.tokens_allow))
      .value_or(account::Allowed::none());
}

// Both were checked when the settings were read.
account::Limits limits_of(const Settings& settings) {
  return account::Limits::parse(settings.tokens_limits).value_or(account::Limits());
}
account::Prices prices_of(const Settings& settings) {
  return account::Prices(
      account::read_prices(settings.prices).value_or(std::vector<account::Price>()));
}

admin::FromSettings from_settings(const Settings& settings) {
  return {.tokens = settings.tokens,
          .tokens_allowed = allowed_of(settings),
          .token_limits = limits_of(settings),
          .aliases = settings.model_aliases,
          .api_keys = settings.gemini_api_keys,
          .relay_tokens = settings.relay_tokens};
}

gateway::Memory::Limits memory_limits(const Settings& settings) {
  gateway::Memory::Limits limits;
  limits.bytes = static_cast<std::size_t>(settings.memory_bytes);
  limits.age = std::chrono::ceil<std::chrono::seconds>(settings.memory_age);
  return limits;
}

gateway::MediaCache::Options media_options(const Settings& settings) {
  return {.folder = settings.media_folder,
          .age = std::chrono::ceil<std::chrono::seconds>(settings.media_age),
          .bytes = static_cast<std::uint64_t>(settings.media_bytes)};
}

http::ServerOptions server_options(const Settings& settings, ByteBudget& body_budget) {
  return {.max_head = static_cast<std::size_t>(settings.max_head_bytes),
          .idle_timeout = settings.idle_timeout,
          .head_timeout = settings.head_timeout,
          .body_stall = settings.body_timeout,
          .write_stall = settings.write_timeout,
          .body_budget = &body_budget,
          .is_door = gateway::is_relay_door};
}

http::ClientOptions client_options(const Settings& settings) {
  return {.idle_timeout = std::chrono::ceil<std::chrono::seconds>(settings.upstream_idle_timeout),
          .max_age = std::chrono::ceil<std::chrono::seconds>(settings.upstream_max_age),
          .connect_timeout = std::chrono::ceil<std::chrono::seconds>(settings.connect_timeout)};
}

std::vector<gemini::ModelAlias> alias_rows(const Settings& settings,
                                           const store::Contents& contents) {
  std::vector<gemini::ModelAlias> rows;
  for (const auto& [pattern, target] : contents.model_aliases) rows.push_back({pattern, target});
  for (const auto& [pattern, target] : settings.model_aliases) rows.push_back({pattern, target});
  return rows;
}

store::LedgerLimits ledger_limits(const Settings& settings) {
  return {.enabled = settings.ledger_enabled,
          .most_age = std::chrono::ceil<std::chrono::seconds>(settings.ledger_age),
          .most_bytes = static_cast<std::uint64_t>(settings.ledger_bytes)};
}

}  // namespace wasat::app
