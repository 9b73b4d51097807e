#include "admin/administration.h"

#include "admin/routes.h"
#include "admin/session_pages.h"
#include "gateway/admit.h"
#include "gateway/shared.h"
#include "gemini/redact.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kMostTarget = 400;  // bytes, in the audit log
constexpr std::string_view kMount = "/api/admin/v1";
// More at once are refused, so that nobody piles up work on the one admin thread.
constexpr int kMostUnderWay = 64;
// These last as long as a page is open, so they are counted apart.
constexpr int kMostStreams = 64;

bool is_safe(std::string_view method) { return method == "GET" || method == "HEAD"; }

Refusal unauthenticated() {
  return {.status = 401,
          .code = "unauthenticated",
          .message = "nobody has logged in, or the session has ended",
          .remedy = "POST /api/admin/v1/login with {\"password\":\"...\"}"};
}

std::string bearer(const http::ServerRequest& request) {
  constexpr std::string_view kScheme = "bearer ";
  const std::string_view value = request.header("authorization");
  if (value.size() <= kScheme.size() ||
      !http::equals_ignoring_case(value.substr(0, kScheme.size()), kScheme)) {
    return {};
  }
  return std::string(value.substr(kScheme.size()));
}

bool is_json(std::string_view content_type) {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return http::equals_ignoring_case(type, "application/json");
}

bool same_text(std::string_view a, std::string_view b) { return Secret(a).equals(b); }

Task<> send(http::ServerResponse& response, Answer answer) {
  std::vector<http::Header> headers{
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"}};
  std::string retry_after;
  if (!answer) {
    headers.push_back({"Content-Type", "application/json"});
    if (answer.error().retry_after) {
      retry_after = std::to_string(answer.error().retry_after->count());
      headers.push_back({"Retry-After", retry_after});
    }
    const std::string body = refusal_body(answer.error());
    (void)co_await response.send(answer.error().status, headers, body);
    co_return;
  }
  if (answer->status != 204) headers.push_back({"Content-Type", answer->content_type});
  for (const auto& [name, value] : answer->headers) headers.push_back({name, value});
  (void)co_await response.send(answer->status, headers, answer->body);
}

// Counts a request as under way as long as it lives.
class UnderWay {
 public:
  UnderWay(std::atomic<int>& count, int most) : count_(count), too_many_(++count_ > most) {}
  ~UnderWay() { --count_; }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  bool too_many() const { return too_many_; }

 private:
  std::atomic<int>& count_;
  const bool too_many_;
};

}  // namespace

Administration::Administration(const Parts& parts, const store::Contents& contents,
                               FromSettings settings)
    : sessions_(parts.clock, parts.keys.sessions, parts.store, contents.sessions),
      throttle_(parts.clock, {}),
      registry_({.clock = parts.clock,
                 .store = parts.store,
                 .keys = parts.keys,
                 .pool = parts.pool,
                 .tokens = parts.tokens,
                 .aliases = parts.aliases,
                 .tokens_changed = parts.tokens_changed},
                contents, std::move(settings)),
      audit_(parts.clock, parts.store, parts.log, parts.options),
      jobs_(parts.clock, thread_),
      context_{.clock = parts.clock,
               .store = parts.store,
               .keys = parts.keys,
               .log = parts.log,
               .options = parts.options,
               .password = parts.password,
               .registry = registry_,
               .settings = parts.settings,
               .known_settings = parts.known_settings,
               .watched = parts.watched,
               .jobs = jobs_,
               .sessions = sessions_,
               .throttle = throttle_,
               .thread = thread_} {}

Task<> Administration::serve(const gateway::Shared& shared, gateway::Worker& worker,
                             http::ServerRequest& request, http::ServerResponse& response,
                             std::string path) {
  const std::shared_ptr<const Options> options = context_.options.get();
  Call call{.method = std::string(request.method),
            .query = std::string(request.query),
            .address = gateway::client_address(request, options->guard.trusted_proxies),
            .user_agent = std::string(request.header("user-agent"))};
  call.over_tls =
      gateway::public_origin(request, options->guard.trusted_proxies).starts_with("https://");
  std::optional<Refusal> refused = check_address(call.address, options->guard);
  if (!refused) refused = check_host(request, options->guard);
  if (refused) co_return co_await send(response, refuse(*refused));

  Match match;
  if (path.starts_with(kMount)) {
    const std::string_view method = call.method == "HEAD" ? "GET" : std::string_view(call.method);
    match = find_route(routes(), method, std::string_view(path).substr(kMount.size()));
  } else {
    const std::string_view method = call.method == "HEAD" ? "GET" : std::string_view(call.method);
    match = find_route(compatibility_routes(), method, path);
  }
  if (match.route == nullptr) {
    Refusal refusal = not_found("such path in the admin API", {});
    if (!match.allowed.empty()) {
      refusal = {.status = 405,
                 .code = "method_not_allowed",
                 .message = "this path takes " + match.allowed};
    }
    co_return co_await send(response, refuse(std::move(refusal)));
  }
  const Route& route = *match.route;
  call.parameters = std::move(match.parameters);
  if (refused = admit(request, *options, route, call); refused) {
    co_return co_await send(response, refuse(*refused));
  }
  const bool streams = route.stream != nullptr;
  const UnderWay under_way(streams ? streams_ : under_way_, streams ? kMostStreams : kMostUnderWay);
  if (under_way.too_many()) {
    co_return co_await send(response, refuse({.status = 503,
                                              .code = "busy",
                                              .message = "too many requests to the admin API at "
                                                         "once",
                                              .retry_after = std::chrono::seconds(1)}));
  }
  if (streams) {
    co_return co_await route.stream(context_, call, worker, request, response);
  }
  Answer answer = co_await read_and_handle(request, worker, route, call);
  if (answer && call.then) call.then(shared, worker);
  if (answer && call.later) answer = co_await call.later(shared, worker, request.departed());
  co_await send(response, std::move(answer));
}

std::optional<Refusal> Administration::throttled(const Call& call) {
  const auto wait = throttle_.begin(call.address);
  if (!wait) return std::nullopt;
  return Refusal{.status = 429,
                 .code = "too_many_tries",
                 .message = "too many tries; wait " + std::to_string(wait->count()) + " s",
                 .retry_after = wait};
}

// Who asks, and whether it was they who meant to: browsers send cookies along with what
// other sites make them ask.
std::optional<Refusal> Administration::admit(const http::ServerRequest& request,
                                             const Options& options, const Route& route,
                                             Call& call) {
  const bool safe = is_safe(call.method);
  if (!safe) {
    if (auto refusal = check_origin(request, options.guard)) return refusal;
  }
  if (route.needs == Needs::kNothing) return throttled(call);
  call.session_token = bearer(request);
  if (route.needs == Needs::kSessionOrPassword && call.session_token.empty()) {
    call.session_token = std::string(request.header("x-admin-token"));
  }
  const bool by_cookie = call.session_token.empty();
  if (by_cookie) call.session_token = session_cookie(request.header("cookie"));
  call.session = sessions_.find(call.session_token, options.sessions);
  if (!call.session && route.needs == Needs::kSessionOrPassword && !by_cookie) {
    return throttled(call);  // a password, perhaps: that is found out on the admin thread
  }
  if (!call.session) return unauthenticated();
  if (by_cookie && !safe &&
      !same_text(sessions_.csrf(call.session_token), request.header("x-wasat-csrf"))) {
    return Refusal{.status = 403,
                   .code = "csrf",
                   .message = "the header X-Wasat-CSRF is missing or wrong",
                   .remedy = "send the value \"csrf\" of GET /api/admin/v1/session in it"};
  }
  return std::nullopt;
}

Task<Answer> Administration::read_and_handle(http::ServerRequest& request, gateway::Worker& worker,
                                             const Route& route, Call& call) {
  const http::BodyLimits limits{.wire_bytes = route.most_body, .decoded_bytes = route.most_body};
  const Result<std::shared_ptr<const Buffer>> body = co_await request.read_body(limits);
  if (!body) co_return refuse(refusal_of(body.error()));
  if ((*body)->size() > 0 && !is_json(request.header("content-type"))) {
    co_return refuse({.status = 415,
                      .code = "unsupported_media",
                      .message = "the body is not declared as JSON",
                      .remedy = "send Content-Type: application/json"});
  }
  Answer answer;
  auto work = [&] {
    if (route.needs == Needs::kSessionOrPassword && !call.session) {
      if (!context_.password.verify(call.session_token)) {
        answer = refuse(unauthenticated());
        return;
      }
      throttle_.succeeded(call.address);
    }
    json::Document document;
    if ((*body)->size() > 0) {
      const Result<json::Value> parsed = document.parse((*body)->padded(), 32);
      if (!parsed) {
        answer = refuse(refusal_of(parsed.error()));
        return;
      }
      call.body = *parsed;
    }
    answer = route.handle(context_, call);
    call.body = {};
    note(route, call, answer);
  };
  co_await thread_.run(worker.loop, std::move(work));
  co_return answer;
}

void Administration::note(const Route& route, const Call& call, const Answer& answer) {
  if (route.action.empty()) return;
  store::AuditEntry entry{.session_id = call.session ? call.session->id : std::string(),
                          .address = call.address,
                          .action = std::string(route.action),
                          // A key that stands in a path by mistake must not be kept.
                          .target = answer ? call.target.substr(0, kMostTarget)
                                           : gemini::redacted(call.target, kMostTarget),
                          .outcome = answer ? std::string("ok") : answer.error().code};
  audit_.keep(std::move(entry));
}

}  // namespace wasat::admin
