// The phases in which a client's request becomes a call: parse, resolve, plan.

#include "gateway/exchange.h"
#include "gateway/together.h"
#include "gemini/call_edit.h"
#include "gemini/derived_model.h"

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
                      .body = body_,
                      .options = options_->dialects});
  if (!parsed) return fail(std::move(parsed.error()));
  parsed_ = std::move(*parsed);
  return choose_model();
}

// From the client's name to the upstream's: suffixes off, then the aliases, of which
// the operator's exact ones outrank a suffix and may have one themselves.
Result<> Exchange::choose_model() {
  record_.model = parsed_->model;
  const gemini::KnowsModel knows = [this](std::string_view name) {
    return shared_.models.knows(name);
  };
  const std::shared_ptr<const gemini::ModelAliases>& aliases = worker_.aliases.get();
  std::string_view name = parsed_->model;
  if (!aliases->names(name)) name = gemini::split_derived(name, knows, derived_);
  const std::string_view target = aliases->resolve(name);
  record_.upstream_model = target == name ? target : gemini::split_derived(target, knows, derived_);
  if (const auto& budgets = options_->thinking_budgets;
      !budgets.empty() && !derived_.budget &&
      derived_.think == gemini::DerivedModel::Think::kUnsaid) {
    if (const auto row = budgets.find(record_.upstream_model); row != budgets.end()) {
      derived_.budget = row->second;
    }
  }
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
  if (!parsed_->needs.urls.empty()) co_await fetch_all(parsed_->needs.urls);
}

// One URL on its way.
struct Exchange::Fetching {
  Cancel cancel;
  std::optional<Result<dialect::Findings::Fetched>> result;
};

Task<> Exchange::fetch_one(const std::string& url, Fetching& fetching) {
  const FetchContext context{.options = options_->fetch,
                             .client = worker_.client,
                             .loop = worker_.loop,
                             .compute = shared_.compute,
                             .clock = shared_.clock};
  Reserved& held = fetched_.emplace_back(shared_.body_budget);
  fetching.result.emplace(co_await fetch(url, context, held, fetching.cancel));
}

// Some at a time. What cannot be fetched is the dialect's to tell.
Task<> Exchange::fetch_all(const std::vector<std::string>& urls) {
  const FetchOptions& options = options_->fetch;
  const auto refuse = [&](const std::string& url, std::string why) {
    findings_.fetched.emplace(url, fail(client_error(ErrorKind::kInvalidRequest, std::move(why))));
  };
  std::vector<std::unique_ptr<Fetching>> all;
  Together together(worker_.loop, request_.departed());
  for (const std::string& url : urls) {
    if (!options.enabled) {
      refuse(url,
             "This server fetches no URLs (FETCH_URLS is off). Send the data itself, as a data: "
             "URL.");
      continue;
    }
    if (all.size() == options.most_urls) {
      refuse(url, "A request may name up to " + std::to_string(options.most_urls) +
                      " URLs to be fetched. Send the data of the others itself, as data: URLs.");
      continue;
    }
    while (together.running() >= options.at_once) co_await together.one_ended();
    all.push_back(std::make_unique<Fetching>());
    together.start(fetch_one(url, *all.back()), all.back()->cancel);
  }
  while (together.running() > 0) co_await together.one_ended();
  auto fetching = all.begin();
  for (const std::string& url : urls) {
    if (fetching == all.end()) break;
    if (findings_.fetched.contains(url)) continue;
    findings_.fetched.emplace(url, std::move(*(*fetching++)->result));
  }
}

Result<gemini::Call> Exchange::lower() {
  Result<gemini::Call> call =
      parsed_->lower({.name = record_.upstream_model, .derived = derived_}, findings_);
  // Asked for as a whole; the client gets it as a stream all the same.
  if (call && call->stream() && options_->fakes_stream(call->model)) {
    call->method = gemini::Method::kGenerateContent;
  }
  return call;
}

// Changes the call as the upstream would have it. False: that was tried before, or
// there is nothing to change.
Task<bool> Exchange::mend(gemini::Call& call, gemini::Remedy remedy) {
  if (has_mended(remedy)) co_return false;
  mended_ |= static_cast<std::uint8_t>(1u << static_cast<unsigned>(remedy));
  switch (remedy) {
    case gemini::Remedy::kNone:
      co_return false;
    case gemini::Remedy::kWithoutSignatures:
    case gemini::Remedy::kOpenApiSchemas: {
      if (is_native()) {
        // What a native client writes is its own business, but for signatures that it
        // cannot know to be another model's.
        if (remedy == gemini::Remedy::kOpenApiSchemas) co_return false;
        std::optional<Body> bypassed = gemini::with_bypassed_signatures(call.body);
        if (!bypassed) co_return false;
        call.body = std::move(*bypassed);
        break;
      }
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
