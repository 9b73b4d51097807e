#include "gateway/gateway.h"

#include <array>

#include "gateway/admit.h"
#include "gateway/cors.h"
#include "gateway/duplex.h"
#include "gateway/exchange.h"
#include "gateway/health_round.h"
#include "gateway/relay_door.h"
#include "gateway/status_pages.h"
#include "gemini/error_body.h"

namespace wasat::gateway {
namespace {

const dialect::Dialect& dialect_of(const Dialects& dialects, Speaks speaks) {
  switch (speaks) {
    case Speaks::kOpenAiChat:
      return *dialects.openai_chat;
    case Speaks::kOpenAiResponses:
      return *dialects.openai_responses;
    case Speaks::kOpenAiMedia:
      return *dialects.openai_media;
    case Speaks::kAnthropic:
      return *dialects.anthropic;
    case Speaks::kGemini:
    case Speaks::kLive:
    case Speaks::kRelay:
    case Speaks::kStatusPage:
    case Speaks::kMedia:
    case Speaks::kApplet:
    case Speaks::kAdministration:
    case Speaks::kHealthCheck:
    case Speaks::kNothing:
      break;
  }
  return *dialects.gemini;
}

}  // namespace

Task<> Gateway::handle(http::ServerRequest& request, http::ServerResponse& response) {
  Route route = find_route(request);
  if (request.method == "OPTIONS" && route.speaks != Speaks::kAdministration) {
    co_return co_await preflight(request, response);
  }
  switch (route.speaks) {
    case Speaks::kGemini:
    case Speaks::kOpenAiChat:
    case Speaks::kOpenAiResponses:
    case Speaks::kOpenAiMedia:
    case Speaks::kAnthropic: {
      const dialect::Dialect& dialect = dialect_of(shared_.dialects, route.speaks);
      Exchange exchange(shared_, worker_, dialect, std::move(route), request, response);
      co_return co_await exchange.run();
    }
    case Speaks::kLive:
      co_return co_await live(request, response, std::move(route));
    case Speaks::kRelay:
      co_return co_await admit_node(request, response, std::move(route));
    case Speaks::kStatusPage:
      co_return co_await show_page(request, response, std::move(route.path));
    case Speaks::kMedia:
      co_return co_await show_media(request, response, std::move(route.path));
    case Speaks::kApplet:
      co_return co_await show_applet(request, response, std::move(route.path));
    case Speaks::kAdministration:
      co_return co_await shared_.administration.serve(shared_, worker_, request, response,
                                                      std::move(route.path));
    case Speaks::kHealthCheck:
      co_return co_await shared_.health.serve(shared_, worker_, request, response);
    case Speaks::kNothing:
      co_return co_await unknown(response, std::move(route.path));
  }
}

Task<> Gateway::live(http::ServerRequest& request, http::ServerResponse& response, Route route) {
  Duplex session(shared_, worker_, std::move(route), request, response);
  co_await session.run();
}

Task<> Gateway::admit_node(http::ServerRequest& request, http::ServerResponse& response,
                           Route route) {
  if (!shared_.hub.options()->enabled) {
    co_return co_await unknown(response, std::move(route.path));
  }
  RelayDoor door(shared_, worker_, std::move(route), request, response);
  co_await door.run();
}

Task<> Gateway::show_page(http::ServerRequest& request, http::ServerResponse& response,
                          std::string path) {
  KeyCensus census;
  if (needs_census(path)) census = co_await keys_.count();
  Page page = status_page(shared_, request, path, census);
  if (const std::string presented = presented_token(request);
      page.status == 401 && !presented.empty()) {
    const std::string address = client_address(request, worker_.options.get()->trusted_proxies);
    if (const auto wait = shared_.administration.try_password(address)) {
      co_return co_await too_many_tries(response, *wait);
    }
    bool is_admin = false;
    auto work = [&] { is_admin = shared_.admin.verify(presented); };
    co_await shared_.compute.run(worker_.loop, std::move(work));
    if (is_admin) {
      shared_.administration.password_was_right(address);
      page = status_page(shared_, request, path, census, is_admin);
    }
  }
  if (page.is_statistics) {
    census = co_await keys_.count();
    co_return co_await send_statistics(shared_, worker_, census, response);
  }
  std::vector<http::Header> headers{{"Content-Type", page.content_type}};
  if (page.status == 405) headers.push_back({"Allow", "GET, HEAD, OPTIONS"});
  (void)co_await response.send(page.status, headers, page.body);
}

Task<> Gateway::too_many_tries(http::ServerResponse& response, std::chrono::seconds wait) {
  Error error = client_error(ErrorKind::kRateLimited,
                             "too many wrong passwords came from this address; wait " +
                                 std::to_string(wait.count()) + " s");
  const std::string body = gemini::error_body(error);
  const std::string seconds = std::to_string(wait.count());
  const std::array<http::Header, 2> headers = {http::Header{"Content-Type", "application/json"},
                                               http::Header{"Retry-After", seconds}};
  (void)co_await response.send(429, headers, body);
}

// CORS (fetch.spec.whatwg.org): browsers ask before they send a token.
Task<> Gateway::preflight(http::ServerRequest& request, http::ServerResponse& response) {
  std::vector<http::Header> headers;
  const std::shared_ptr<const Options> options = worker_.options.get();
  const std::string_view origin = allowed_origin(request, options->cors_origins);
  if (!origin.empty()) {
    headers.push_back({"Access-Control-Allow-Origin", origin});
    headers.push_back({"Access-Control-Allow-Methods", "GET, POST, PATCH, DELETE, OPTIONS"});
    const std::string_view asked = request.header("access-control-request-headers");
    headers.push_back({"Access-Control-Allow-Headers",
                       asked.empty() ? "Authorization, Content-Type, x-goog-api-key" : asked});
    headers.push_back({"Access-Control-Max-Age", "86400"});
    headers.push_back({"Vary", "Access-Control-Request-Headers"});
  }
  headers.push_back({"Allow", "GET, HEAD, POST, PATCH, DELETE, OPTIONS"});
  (void)co_await response.send(204, headers, {});
}

Task<> Gateway::unknown(http::ServerResponse& response, std::string path) {
  const Error error = client_error(
      ErrorKind::kNotFound, "there is nothing at " + path +
                                ". OpenAI clients use the base URL /v1, Google GenAI clients /.");
  const std::string body = gemini::error_body(error);
  const http::Header type{"Content-Type", "application/json"};
  (void)co_await response.send(404, {&type, 1}, body);
}

std::string Gateway::refusal(const Error& error, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return dialect_of(shared_.dialects, speaks_by_path(path)).error(error).body;
}

}  // namespace wasat::gateway
