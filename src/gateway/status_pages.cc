#include "gateway/status_pages.h"

#include <algorithm>
#include <array>
#include <ctime>

#include "gateway/admit.h"
#include "gemini/error_body.h"
#include "json/writer.h"

namespace wasat::gateway {
namespace {

using pool::Credential;
using pool::WallTime;

std::string iso_time(WallTime time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

void time_or_null(json::Writer& writer, std::string_view name, std::int64_t unix_milliseconds) {
  if (unix_milliseconds == 0) {
    writer.key(name).null();
  } else {
    writer.member(name, iso_time(WallTime(std::chrono::milliseconds(unix_milliseconds))));
  }
}

void write_census(json::Writer& writer, const KeyCensus& census) {
  writer.member("total_keys", census.total)
      .member("active_keys", census.active)
      .member("cooling_keys", census.cooling)
      .member("failed_keys", census.failed);
}

void write_credential(json::Writer& writer, const Credential& credential, WallTime now) {
  const Credential::Counters& counters = credential.counters();
  const auto attempts = static_cast<std::int64_t>(counters.attempts());
  const auto successes = static_cast<std::int64_t>(counters.successes.load());
  writer.begin_object();
  writer.member("id", std::string_view(credential.id()))
      .member("key", credential.secret().empty() ? credential.name() : credential.secret().mask())
      .member("name", credential.name())
      .member("provider", credential.provider())
      .member("status", key_status(credential, now))
      .member("failure_count", static_cast<std::int64_t>(credential.failures_in_a_row()))
      .member("total_requests", attempts)
      .member("successful_requests", successes)
      .member("success_rate", attempts == 0 ? 0.0
                                            : 100.0 * static_cast<double>(successes) /
                                                  static_cast<double>(attempts));
  time_or_null(writer, "last_success", counters.last_success.load());
  time_or_null(writer, "last_failure", counters.last_failure.load());
  const std::vector<pool::Cooldown> cooldowns = credential.cooldowns(now);
  WallTime until{};
  for (const pool::Cooldown& cooldown : cooldowns) {
    if (cooldown.until != WallTime::max()) until = std::max(until, cooldown.until);
  }
  if (until > now) {
    writer.member("cooling_until", iso_time(until));
  } else {
    writer.key("cooling_until").null();
  }
  if (const std::string reason = credential.state_reason(); !reason.empty()) {
    writer.member("reason", reason);
  }
  writer.key("cooldowns").begin_array();
  for (const pool::Cooldown& cooldown : cooldowns) {
    writer.begin_object();
    if (!cooldown.model.empty()) writer.member("model", cooldown.model);
    if (cooldown.until == WallTime::max()) {
      writer.key("until").null();
    } else {
      writer.member("until", iso_time(cooldown.until));
    }
    writer.member("why", cooldown.why).end_object();
  }
  writer.end_array().end_object();
}

Page health(const Shared& shared, const KeyCensus& census) {
  Page page{.status = census.serving ? 200 : 503};
  json::Writer writer(page.body);
  writer.begin_object()
      .member("status", census.serving ? "healthy" : "degraded")
      .member("timestamp", iso_time(shared.clock.wall()))
      .member("service_version", WASAT_VERSION);
  write_census(writer, census);
  if (shared.options.get()->relay_open && shared.hub.options()->enabled) {
    writer.member("relay", "open");  // anybody can join, read prompts and forge answers
  }
  if (census.total == 0) {
    writer.member("hint", "no credential yet: start with GEMINI_API_KEYS=your-key");
  }
  writer.end_object();
  return page;
}

Page root(const Shared& shared, const http::ServerRequest& request, const KeyCensus& census) {
  if (request.header("accept").find("text/html") != std::string_view::npos) {
    return {.content_type = "text/html; charset=utf-8",
            .body =
                "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Wasat</title>"
                "<style>body{font:16px/1.6 system-ui;max-width:40rem;margin:4rem auto;"
                "padding:0 1rem}code{background:#eee;padding:.1em .3em}</style>"
                "<h1>Wasat is running</h1><p>A gateway to Gemini. "
                "\xe8\xbf\x99\xe6\x98\xaf\xe9\x80\x9a\xe5\xbe\x80 Gemini "
                "\xe7\x9a\x84\xe7\xbd\x91\xe5\x85\xb3\xe3\x80\x82</p><ul>"
                "<li>OpenAI SDKs: base URL <code>/v1</code></li>"
                "<li>Google GenAI SDKs: base URL <code>/</code></li></ul>"
                "<p>" +
                std::to_string(census.active) + " of " + std::to_string(census.total) +
                " credentials are ready. <a href=\"/health\">/health</a></p></html>"};
  }
  Page page;
  json::Writer writer(page.body);
  writer.begin_object()
      .member("name", "wasat")
      .member("version", WASAT_VERSION)
      .member("status", "running")
      .member("nodes", static_cast<std::int64_t>(shared.hub.node_count()))
      .member("tasks", static_cast<std::int64_t>(shared.hub.running()));
  writer.key("endpoints")
      .begin_object()
      .member("chat", "/v1/chat/completions")
      .member("models", "/v1/models")
      .member("gemini", "/v1beta")
      .member("health", "/health")
      .member("stats", "/stats")
      .member("metrics", "/metrics")
      .end_object()
      .end_object();
  return page;
}

// A store that fails is no reason to send clients elsewhere, since requests go on from
// memory. What exactly is wrong names files: for those who may know.
std::string line_of(std::string_view name, const store::Status& status, bool may_know) {
  std::string line(name);
  if (status.healthy) return line.append(": ok\n");
  line.append(": failing, requests go on from memory and changes may be lost: ");
  line.append(may_know ? status.problem : "the metrics token shows why");
  return line.append("\n");
}

Page ready(const Shared& shared, const http::ServerRequest& request, bool may_know) {
  const bool draining = shared.draining.load();
  Page page{.status = draining ? 503 : 200, .content_type = "text/plain; charset=utf-8"};
  page.body = draining ? "draining\n" : "ok\n";
  if (request.query == "verbose") {
    page.body += "configuration: ok\n" + line_of("store", shared.store.status(), may_know) +
                 line_of("ledger", shared.ledger.status(), may_know) +
                 "listener: " + (draining ? "draining\n" : "ok\n");
  }
  return page;
}

// /stats and /metrics name credentials and rates: for those who may know. Behind
// a loopback listener that is everybody on this machine, but not everybody who
// comes through a proxy on it.
bool may_look(const Shared& shared, const http::ServerRequest& request) {
  const std::shared_ptr<const Options> options = shared.options.get();
  if (options->loopback_only && request.header("x-forwarded-for").empty()) return true;
  const std::string presented = presented_token(request);
  if (presented.empty()) return false;
  return !options->metrics_token.empty() && options->metrics_token.equals(presented);
}

}  // namespace

bool needs_census(std::string_view path) { return path == "/" || path == "/health"; }

Page status_page(const Shared& shared, const http::ServerRequest& request, std::string_view path,
                 const KeyCensus& census, bool is_admin) {
  if (request.method != "GET" && request.method != "HEAD") {
    return {.status = 405,
            .body = gemini::error_body(
                client_error(ErrorKind::kMethodNotAllowed, "this page can only be read: use GET"))};
  }
  if (path == "/") return root(shared, request, census);
  if (path == "/health") return health(shared, census);
  if (path == "/livez") return {.content_type = "text/plain; charset=utf-8", .body = "ok\n"};
  if (path == "/api/hello") return {.content_type = "application/json", .body = "{}\n"};
  const bool may_know = is_admin || may_look(shared, request);
  if (path == "/readyz") return ready(shared, request, may_know);
  if (!may_know) {
    return {.status = 401,
            .body = gemini::error_body(client_error(
                ErrorKind::kUnauthenticated,
                "this page wants the metrics token (WASAT_METRICS_TOKEN) or the admin password as "
                "'Authorization: Bearer ...', since the listener is open to other machines"))};
  }
  if (path == "/stats") return {.is_statistics = true};
  return {.content_type = observe::kMetricsContentType, .body = shared.metrics.render()};
}

Task<> send_statistics(const Shared& shared, Worker& worker, KeyCensus census,
                       http::ServerResponse& response) {
  const WallTime now = shared.clock.wall();
  const std::shared_ptr<const pool::CredentialList> credentials = shared.pool.credentials();
  const std::array<http::Header, 1> headers = {http::Header{"Content-Type", "application/json"}};
  std::string body;
  json::Writer writer(body);
  writer.begin_object();
  write_census(writer, census);
  writer.key("keys_detail").begin_array();
  if (credentials->size() > kCredentialsInOneGo) response.start(200, headers);
  std::size_t left = kCredentialsInOneGo;
  for (const pool::CredentialPtr& credential : *credentials) {
    if (left-- == 0) {
      if (const Result<> written = co_await response.write(body); !written) co_return;
      body.clear();
      co_await net::yield(worker.loop);
      left = kCredentialsInOneGo - 1;
    }
    write_credential(writer, *credential, now);
  }
  writer.end_array().end_object();
  if (response.started()) {
    (void)co_await response.finish(body);
  } else {
    (void)co_await response.send(200, headers, body);
  }
}

}  // namespace wasat::gateway
