#include "provider/api_key/api_key.h"

#include "gemini/model_names.h"
#include "provider/api_key/answer.h"
#include "ws/handshake.h"

namespace wasat::provider {

using gemini::Method;

namespace {

std::string target_of(const gemini::Call& call, const std::string& path_prefix) {
  std::string target = path_prefix;
  if (call.method == Method::kRaw) {
    target += call.path;
  } else {
    target.append("/").append(call.version).append("/");
    target += call.method == Method::kListModels ? "models" : gemini::model_resource(call.model);
    if (call.method != Method::kListModels && call.method != Method::kGetModel) {
      target.append(":").append(gemini::method_name(call.method));
    }
  }
  if (call.stream()) {
    target += "?alt=sse";
  } else if (!call.query.empty()) {
    target.append("?").append(call.query);
  }
  return target;
}

}  // namespace

Result<ApiAddress> parse_api_address(std::string_view base_url) {
  Result<net::Url> url = net::parse_url(base_url);
  if (!url) return fail(url.error());
  std::string_view path = url->path;
  const auto drop = [&path](std::string_view suffix) {
    if (path.ends_with(suffix)) path.remove_suffix(suffix.size());
  };
  drop("/");
  drop("/v1beta");
  drop("/v1");
  return ApiAddress{.origin = std::move(url->origin), .path_prefix = std::string(path)};
}

Task<Attempt<std::unique_ptr<http::ClientStream>>> ApiKeyProvider::send(
    const gemini::Call& call, const pool::Credential& credential, const AttemptContext& context) {
  const std::string where = target_of(call, context.api_key.path_prefix);
  std::string_view method = call.http_method;
  if (method.empty()) {
    method =
        call.method == Method::kListModels || call.method == Method::kGetModel ? "GET" : "POST";
  }
  std::vector<http::Header> headers;
  headers.reserve(8);
  headers.push_back({"x-goog-api-key", credential.secret().reveal()});
  headers.push_back({"User-Agent", "wasat/" WASAT_VERSION});
  headers.push_back({"Accept-Encoding", "identity"});
  const bool has_body = method != "GET" && method != "HEAD" && method != "DELETE";
  if (call.method == Method::kRaw) {
    for (const auto& [name, value] : call.headers) headers.push_back({name, value});
  } else if (has_body) {
    headers.push_back({"Content-Type", "application/json"});
  }
  http::ClientRequest request{.method = method, .target = where, .headers = headers};
  request.source = context.body;
  request.source_stall = context.body_stall;
  request.watch = &faults_;
  if (has_body && context.body == nullptr) request.body = &call.body;
  std::optional<http::Upstream> own;
  const Result<const http::Upstream*> upstream =
      context.api_key.egress.choose(credential, faults_, own);
  if (!upstream) co_return std::unexpected(gemini::Failure{.error = upstream.error()});
  Result<std::unique_ptr<http::ClientStream>> stream =
      co_await context.client.send(**upstream, request, context.first_byte, &context.cancel);
  if (!stream) co_return std::unexpected(gemini::Failure{.error = std::move(stream.error())});
  co_return std::move(*stream);
}

Task<Attempt<std::unique_ptr<http::ClientStream>>> ApiKeyProvider::open_raw(
    const gemini::Call& call, const pool::Credential& credential, const AttemptContext& context) {
  return send(call, credential, context);
}

// The key goes into a header: an address ends up in logs. With a token of the client's own
// it stays away, since it would lift what the token is bound to.
Task<Attempt<http::ClientStream::Upgraded>> ApiKeyProvider::open_duplex(
    const gemini::Call& call, const pool::Credential& credential, const AttemptContext& context) {
  const std::string where = target_of(call, context.api_key.path_prefix);
  const std::string key = ws::make_key();
  std::vector<http::Header> headers = {{"User-Agent", "wasat/" WASAT_VERSION},
                                       {"Sec-WebSocket-Version", "13"},
                                       {"Sec-WebSocket-Key", key}};
  bool authorized = false;
  for (const auto& [name, value] : call.headers) {
    headers.push_back({name, value});
    authorized = authorized || http::equals_ignoring_case(name, "authorization");
  }
  if (!authorized) headers.push_back({"x-goog-api-key", credential.secret().reveal()});
  const http::ClientRequest request{.method = "GET",
                                    .target = where,
                                    .headers = headers,
                                    .upgrade = "websocket",
                                    .watch = &faults_};
  std::optional<http::Upstream> own;
  const Result<const http::Upstream*> upstream =
      context.api_key.egress.choose(credential, faults_, own);
  if (!upstream) co_return std::unexpected(gemini::Failure{.error = upstream.error()});
  Result<std::unique_ptr<http::ClientStream>> answer =
      co_await context.client.send(**upstream, request, context.first_byte, &context.cancel);
  if (!answer) co_return std::unexpected(gemini::Failure{.error = std::move(answer.error())});
  if ((*answer)->status() != 101) {
    gemini::Failure failure = co_await read_refusal(**answer, context);
    co_return std::unexpected(std::move(failure));
  }
  Result<> accepted = ws::check_response((*answer)->headers(), key);
  if (!accepted) co_return std::unexpected(gemini::Failure{.error = std::move(accepted.error())});
  co_return (*answer)->take_upgraded();
}

Task<Attempt<std::unique_ptr<ChunkStream>>> ApiKeyProvider::open(const gemini::Call& call,
                                                                 const pool::Credential& credential,
                                                                 const AttemptContext& context) {
  Attempt<std::unique_ptr<http::ClientStream>> answer = co_await send(call, credential, context);
  if (!answer) co_return std::unexpected(std::move(answer.error()));
  if ((*answer)->status() != 200) {
    co_return std::unexpected(co_await read_refusal(**answer, context));
  }
  co_return make_chunk_stream(std::move(*answer), context.clock,
                              {.max_answer = context.api_key.max_answer,
                               .body_idle = context.api_key.body_idle,
                               .in_pieces = call.in_pieces});
}

}  // namespace wasat::provider
