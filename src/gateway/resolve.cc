// The phases in which a client's request becomes a call: parse, resolve, plan.

#include "gateway/exchange.h"
#include "gemini/call_edit.h"

namespace wasat::gateway {
namespace {

// Larger bodies are parsed off the worker's thread.
constexpr std::size_t kParsedInPlace = 1u << 20;

}  // namespace

// Phases 2 to 4. All but resolve() is pure: bytes to a call.
Task<Result<gemini::Call>> Exchange::understand() {
  std::optional<Result<gemini::Call>> call;
  auto read = [this, &call] {
    if (Result<> parsed = parse(); !parsed) {
      call.emplace(fail(std::move(parsed.error())));
    } else if (parsed_->needs.empty()) {
      call.emplace(lower());
    }
  };
  const bool large = body_->size() > kParsedInPlace;
  if (!large) {
    read();
  } else {
    co_await shared_.compute.run(worker_.loop, std::move(read));
  }
  if (call) co_return std::move(*call);
  co_await resolve();
  if (!large) co_return lower();
  auto write = [this, &call] { call.emplace(lower()); };
  co_await shared_.compute.run(worker_.loop, std::move(write));
  co_return std::move(*call);
}

Result<> Exchange::parse() {
  Result<std::unique_ptr<dialect::Parsed>> parsed =
      dialect_.parse({.http_method = request_.method,
                      .path = route_.path,
                      .query = request_.query,
                      .content_type = request_.header("content-type"),
                      .body = body_});
  if (!parsed) return fail(std::move(parsed.error()));
  parsed_ = std::move(*parsed);
  return choose_model();
}

Result<> Exchange::choose_model() {
  record_.model = parsed_->model;
  record_.upstream_model = shared_.aliases.resolve(parsed_->model);
  // The name becomes part of a path: it must not lead anywhere else.
  if (!record_.upstream_model.empty() && !gemini::is_model_name(record_.upstream_model)) {
    return fail(client_error(ErrorKind::kModelNotFound,
                             "there is no model of this name. GET /v1/models or /v1beta/models "
                             "lists those that exist.",
                             "model"));
  }
  return {};
}

// What the request needs and its dialect cannot find itself.
Task<> Exchange::resolve() {
  for (const dialect::Needs::Key& need : parsed_->needs.memos) {
    if (auto value = shared_.memory.find(token_->id, need.kind, need.key)) {
      findings_.memos.emplace(need.key, std::move(*value));
    }
  }
  co_return;
}

Result<gemini::Call> Exchange::lower() {
  Result<gemini::Call> call =
      parsed_->lower({.name = record_.upstream_model, .derived = derived_}, findings_);
  // Asked for as a whole; the client gets it as a stream all the same.
  if (call && call->stream() && shared_.options.fakes_stream(call->model)) {
    call->method = gemini::Method::kGenerateContent;
  }
  return call;
}

// Changes the call as the upstream would have it. False: that was tried before, or
// there is nothing to change.
Task<bool> Exchange::mend(gemini::Call& call, gemini::Remedy remedy) {
  const auto bit = static_cast<std::uint8_t>(1u << static_cast<unsigned>(remedy));
  if ((mended_ & bit) != 0) co_return false;
  mended_ |= bit;
  switch (remedy) {
    case gemini::Remedy::kNone:
      co_return false;
    case gemini::Remedy::kWithoutSignatures:
    case gemini::Remedy::kOpenApiSchemas: {
      // What a native client writes is its own business.
      if (is_native()) co_return false;
      if (remedy == gemini::Remedy::kOpenApiSchemas) {
        findings_.openapi_schemas = true;
      } else {
        findings_.without_signatures = true;
      }
      std::optional<Result<gemini::Call>> again;
      auto write = [this, &again] { again.emplace(lower()); };
      co_await shared_.compute.run(worker_.loop, std::move(write));
      if (!*again) co_return false;
      call = std::move(**again);
      break;
    }
    case gemini::Remedy::kWithoutOptions: {
      if (is_native()) co_return false;
      std::optional<Body> shorter = gemini::without_refused_options(call.body);
      if (!shorter) co_return false;
      call.body = std::move(*shorter);
      break;
    }
    case gemini::Remedy::kBetaVersion:
      if (call.version != "v1") co_return false;
      call.version = "v1beta";
      break;
  }
  attempts_.stay();
  co_return true;
}

}  // namespace wasat::gateway
