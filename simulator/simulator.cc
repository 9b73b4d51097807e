#include "simulator/simulator.h"

#include <algorithm>
#include <array>

#include "base/percent.h"
#include "base/query.h"
#include "dialect/gemini/path.h"
#include "gemini/error_body.h"
#include "gemini/model_names.h"
#include "simulator/delivery.h"
#include "simulator/google_json.h"
#include "simulator/live.h"
#include "simulator/outcome.h"
#include "simulator/resources/answers.h"
#include "simulator/upload.h"
#include "ws/handshake.h"

namespace wasat::simulator {
namespace {

using dialect::native::Framing;
using dialect::native::Target;

constexpr http::Header kJsonHeader{"content-type", "application/json; charset=UTF-8"};

std::string key_of(const http::ServerRequest& request) {
  if (const std::string_view key = request.header("x-goog-api-key"); !key.empty()) {
    return std::string(key);
  }
  if (const std::string_view key = query_value(request.query, "key"); !key.empty()) {
    return percent_decoded(key);
  }
  const std::string_view authorization = request.header("authorization");
  if (authorization.starts_with("Bearer ")) return std::string(authorization.substr(7));
  // An ephemeral token, for Live.
  return authorization.starts_with("Token ") ? std::string(authorization.substr(6)) : "";
}

// Why this key is not served; code 0 when it is.
GoogleError refused_key(std::string_view key, const Options& options) {
  if (key.empty()) return no_key();
  if (key.find("invalid") != std::string_view::npos) return invalid_key();
  if (!options.keys.empty() && std::ranges::find(options.keys, key) == options.keys.end()) {
    return invalid_key();
  }
  return {};
}

// Tells the state how a request ended, whichever way the handler is left.
class Record {
 public:
  Record(State& state, std::uint64_t number) : state_(state), number_(number) {}
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  ~Record() { state_.ended(number_, status, ending, fault); }

  int status = 0;
  State::Ending ending = State::Ending::kClientLeft;
  std::optional<Fault> fault;

 private:
  State& state_;
  std::uint64_t number_;
};

}  // namespace

std::string Simulator::refusal(const Error& error, std::string_view) {
  return pretty(gemini::error_body(error));
}

Task<> Simulator::handle(http::ServerRequest& request, http::ServerResponse& response) {
  const bool controls = request.path == "/" || request.path == "/simulator" ||
                        request.path.starts_with("/simulator/");
  if (controls) {
    co_await control(request, response);
  } else if (request.method == "OPTIONS") {
    co_await preflight(request, response);
  } else if (request.path.starts_with("/ws/") || request.path.starts_with("//ws/")) {
    co_await live(request, response);
  } else {
    co_await answer(request, response);
  }
}

// As Google's front end answers browsers that ask before a page sends its key.
Task<> Simulator::preflight(http::ServerRequest& request, http::ServerResponse& response) {
  const std::array headers = {
      http::Header{"access-control-allow-origin", request.header("origin")},
      http::Header{"access-control-allow-methods", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT"},
      http::Header{"access-control-allow-headers",
                   request.header("access-control-request-headers")},
      http::Header{"access-control-max-age", "3600"},
      http::Header{"vary", "origin, referer, x-origin"}};
  (void)co_await response.send(200, headers, {});
}

Task<> Simulator::control(http::ServerRequest& request, http::ServerResponse& response) {
  const auto body = co_await request.read_body({});
  if (!body) co_return;
  int status = 200;
  std::string text;
  const bool everything = request.path == "/simulator" || request.path == "/";
  const bool on_faults = everything || request.path == "/simulator/faults";
  const bool on_requests = everything || request.path == "/simulator/requests";
  const bool on_scripts = everything || request.path == "/simulator/scripts";
  const bool on_caching = everything || request.path == "/simulator/caching";
  if (!on_faults && !on_requests && !on_scripts && !on_caching) {
    status = 404;
    text = gemini::error_body(client_error(ErrorKind::kNotFound, "GET /simulator says what is."));
  } else if (request.method == "DELETE") {
    if (on_faults) state_.clear_rules();
    if (on_requests) state_.forget_requests();
    if (on_scripts) state_.clear_scripts();
    if (on_caching) state_.implicit_cache().turn_off();
    text = state_.overview_json();
  } else if (request.method == "POST" && (on_faults || on_scripts || on_caching)) {
    const PaddedView json = (*body)->padded();
    const Result<> added = on_faults    ? state_.add_rules(json)
                           : on_scripts ? state_.add_scripts(json)
                                        : state_.implicit_cache().configure(json);
    status = added ? 200 : 400;
    text = added ? state_.overview_json() : gemini::error_body(added.error());
  } else {
    text = on_faults || on_scripts || on_caching ? state_.overview_json() : state_.requests_json();
  }
  text = pretty(text);
  const std::array headers = {kJsonHeader};
  (void)co_await response.send(status, headers, text);
}

// "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent"
Task<> Simulator::live(http::ServerRequest& request, http::ServerResponse& response) {
  const std::string key = key_of(request);
  const std::string_view method = request.path.substr(request.path.rfind('.') + 1);
  const Result<ws::Accepted> accepted = ws::check_request(request);
  Record record(state_, state_.remember(request, key, nullptr));
  const Asked asked{.key = key, .model = {}, .method = method};
  const std::optional<Strike> strike = state_.strike(asked, std::nullopt);
  if (strike) record.fault = strike->fault;
  GoogleError error;
  if (!method.starts_with("BidiGenerate")) {
    error = google_error(404, "NOT_FOUND", "Requested entity was not found.");
  } else if (!accepted) {
    error = invalid_argument(accepted.error().detail);
  } else if (strike) {
    error = refusal_of(strike->fault, "", "v1beta");
  }
  if (error.code != 0) {
    record.status = error.code;
    record.ending = State::Ending::kAnswered;
    const std::string body = refusal_text(error, Framing::kUnary);
    const std::array headers = {kJsonHeader};
    (void)co_await response.send(error.code, headers, body);
    co_return;
  }
  const std::array<http::Header, 1> fields = {
      http::Header{"Sec-WebSocket-Accept", accepted->accept}};
  Result<http::Upgraded> upgraded = co_await response.upgrade("websocket", fields);
  if (!upgraded) co_return;
  record.status = 101;
  ws::Connection connection(ws::Role::kServer, upgraded->stream, std::move(upgraded->input), masks_,
                            {.idle_timeout = std::chrono::milliseconds(0)});
  // Google tells of a bad key behind the handshake.
  if (refused_key(key, state_.options()).code != 0) {
    co_await connection.close(ws::kInvalidData, "API key not valid. Please pass a valid API key.");
    co_return;
  }
  LiveSession session(loop_, connection, state_.options(), method, key, strike,
                      upgraded->going_away);
  record.ending = co_await session.run();
}

Task<> Simulator::answer(http::ServerRequest& request, http::ServerResponse& response) {
  const std::string key = key_of(request);
  Result<Target> parsed =
      dialect::native::parse_target(request.method, request.path, request.query, "v1beta");
  const Target target = parsed ? *parsed : Target();
  const bool raw = target.method == gemini::Method::kRaw;
  const std::string_view method = raw ? request.path : gemini::method_name(target.method);
  const Asked asked{.key = key, .model = target.model, .method = method};
  std::optional<Strike> strike = state_.strike(asked, std::nullopt);

  // Before the body has come: what an impatient front end does.
  if (strike && strike->fault == Fault::kEarly) {
    Record record(state_, state_.remember(request, key, nullptr));
    record.fault = strike->fault;
    record.status = 413;
    response.close_after();
    Delivery delivery(loop_, state_.options(), request, response, Framing::kUnary);
    Outcome early = refused(refusal_of(Fault::kEarly, "", ""), Framing::kUnary);
    record.ending = co_await delivery.deliver(std::move(early), std::nullopt);
    co_return;
  }

  if (is_upload(request) && !strike) {
    Record record(state_, state_.remember(request, key, nullptr));
    UploadExchange upload(state_.holdings(), request, response, key);
    record.status = co_await upload.run();
    if (record.status != 0) record.ending = State::Ending::kAnswered;
    co_return;
  }

  const http::BodyLimits limits;
  const auto body = co_await request.read_body(limits);
  if (!body) {
    if (body.error().kind == ErrorKind::kCancelled || response.started()) co_return;
    const std::string text = pretty(gemini::error_body(body.error()));
    const std::array headers = {kJsonHeader};
    (void)co_await response.send(error_code(body.error().kind).status, headers, text);
    co_return;
  }
  Record record(state_, state_.remember(request, key, *body));
  if (!strike) strike = state_.strike(asked, (*body)->view());
  if (strike) record.fault = strike->fault;

  GoogleError error = refused_key(key, state_.options());
  if (error.code == 0 && !parsed) {
    error = google_error(error_code(parsed.error().kind).status,
                         error_code(parsed.error().kind).canonical, parsed.error().detail);
  }
  const bool in_stream =
      strike && (strike->fault == Fault::kErrorEvent || strike->fault == Fault::kErrorInOk ||
                 strike->fault == Fault::kBareError);
  if (error.code == 0 && strike && !in_stream) {
    error = refusal_of(strike->fault, target.model, target.version);
  }
  if (error.code == 0) {
    error = refused_names(state_.holdings(), key, (*body)->padded(), target);
  }
  Outcome outcome;
  const std::optional<Outcome> resource =
      error.code == 0 && raw ? answer_resource(state_.holdings(), {.key = key,
                                                                   .http_method = request.method,
                                                                   .target = target,
                                                                   .body = (*body)->padded()})
                             : std::nullopt;
  if (error.code != 0) {
    outcome = refused(error, target.framing);
  } else if (resource) {
    outcome = *resource;
  } else {
    const std::optional<Fault> fault = strike ? std::optional(strike->fault) : std::nullopt;
    const int cached_tokens = state_.implicit_cache().use(key, target.model, (*body)->padded(),
                                                          std::chrono::steady_clock::now());
    outcome = make_outcome(target, (*body)->padded(), state_.options().seed, fault,
                           state_.script_for(target.model, (*body)->view()).get(), cached_tokens);
  }
  record.status = outcome.status;
  const bool events = outcome.content_type == "text/event-stream";
  Delivery delivery(loop_, state_.options(), request, response,
                    events ? Framing::kSse : target.framing);
  record.ending = co_await delivery.deliver(std::move(outcome), strike);
}

}  // namespace wasat::simulator
