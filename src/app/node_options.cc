#include "app/node_options.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <fstream>

#include "app/text.h"
#include "app/url_setting.h"
#include "provider/api_key/options.h"

namespace wasat::app {
namespace {

constexpr std::size_t kMostSecret = 16 * 1024;

std::unexpected<Error> mend(std::string what) {
  return fail(internal_error(std::move(what), ErrorKind::kInvalidRequest));
}

// From the file, if one is named, else from the environment.
Result<Secret> read_secret(const std::string& file, const char* variable) {
  if (file.empty()) {
    const char* given = std::getenv(variable);
    return given == nullptr ? Secret() : Secret(trim(given));
  }
  std::ifstream in(file, std::ios::binary);
  std::array<char, kMostSecret> text;
  in.read(text.data(), text.size());
  if (in.gcount() == 0) return mend("cannot read " + file + ", or it is empty");
  const std::string_view line = trim({text.data(), static_cast<std::size_t>(in.gcount())});
  if (line.find_first_of("\r\n") != std::string_view::npos) {
    return mend(file + " holds more than one line; a node has one token and one key");
  }
  return Secret(line);
}

bool fits_a_header(const Secret& secret) {
  return std::ranges::all_of(secret.reveal(), [](char c) { return c > ' ' && c < 127; });
}

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "node";
  return name.data();
}

// As ws URLs are https URLs but for their scheme.
Result<net::Url> read_relay(std::string_view text, bool& plain_text) {
  std::string url;
  if (text.starts_with("wss://")) url = "https://" + std::string(text.substr(6));
  if (text.starts_with("ws://")) url = "http://" + std::string(text.substr(5));
  if (url.empty()) return mend("--relay is the address of a WebSocket, such as wss://host/ws");
  if (url.find_first_of("?#@") != std::string::npos) {
    return mend(
        "--relay takes an address alone: the token comes from WASAT_NODE_TOKEN or "
        "--token-file");
  }
  Result<net::Url> relay = net::parse_url(url);
  if (!relay) return mend("--relay: " + relay.error().detail);
  if (relay->path.empty() || relay->path == "/") relay->path = "/ws";
  plain_text = read_base_url(url).plain_text;
  return relay;
}

Result<std::optional<net::Proxy>> proxy_for(const Settings& settings, const std::string& host) {
  std::string list;
  for (const std::string& name : settings.no_proxy) list += name + ",";
  if (settings.proxy_url.empty() || net::NoProxy(list).matches(host)) {
    return std::optional<net::Proxy>();
  }
  Result<net::Proxy> proxy = net::parse_proxy(settings.proxy_url.reveal());
  if (!proxy) return fail(proxy.error());
  return std::optional(std::move(*proxy));
}

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '.' || c == '_') {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
  return out;
}

}  // namespace

Result<NodeSetup> read_node_options(const NodeCommand& command) {
  Loaded loaded = load_settings({.environment = command.environment});
  if (!loaded.ok()) return mend(describe(loaded.problems));
  NodeSetup setup{.options = {}, .settings = std::move(loaded.settings), .reminders = {}};
  node::Options& options = setup.options;
  bool plain_text = false;
  Result<net::Url> relay = read_relay(command.relay, plain_text);
  if (!relay) return fail(relay.error());
  const std::string name = command.name.empty() ? host_name() : command.name;
  options.relay.origin = relay->origin;
  options.relay_target = relay->path + "?name=" + encoded(name);
  Result<provider::ApiAddress> gemini = provider::parse_api_address(setup.settings.gemini_base_url);
  if (!gemini) return fail(gemini.error());
  options.gemini.origin = gemini->origin;
  options.gemini_prefix = gemini->path_prefix;
  for (http::Upstream* upstream : {&options.relay, &options.gemini}) {
    Result<std::optional<net::Proxy>> proxy = proxy_for(setup.settings, upstream->origin.host);
    if (!proxy) return fail(proxy.error());
    upstream->proxy = std::move(*proxy);
  }
  Result<Secret> token = read_secret(command.token_file, "WASAT_NODE_TOKEN");
  if (!token) return fail(token.error());
  Result<Secret> key = read_secret(command.key_file, "GEMINI_API_KEY");
  if (!key) return fail(key.error());
  if (key->empty()) {
    return mend(
        "there is no key for Gemini. Put it into GEMINI_API_KEY, or into a file and "
        "name that with --key-file");
  }
  if (!fits_a_header(*token) || !fits_a_header(*key)) {
    return mend("the token or the key has a character that none has; was something else pasted?");
  }
  if (token->empty()) {
    setup.reminders.emplace_back(
        "no node token is set (WASAT_NODE_TOKEN, --token-file): only an open relay takes this "
        "node");
  } else if (plain_text) {
    setup.reminders.emplace_back(
        "the relay's address begins with ws://: token, prompts and answers go unencrypted over "
        "the network; use wss://");
  }
  options.token = std::move(*token);
  options.key = std::move(*key);
  options.most_requests = command.concurrency;
  options.most_held = command.max_held;
  return setup;
}

}  // namespace wasat::app
