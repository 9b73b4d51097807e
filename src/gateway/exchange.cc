#include "gateway/exchange.h"

#include <algorithm>
#include <utility>

#include "gateway/admit.h"
#include "gateway/cors.h"

namespace wasat::gateway {

using gemini::Method;
using provider::Attempt;
using provider::Batch;

namespace {

// Larger bodies are parsed off the worker's thread.
constexpr std::size_t kParsedInPlace = 1u << 20;
// Raw bodies up to here are held, so that the request can be repeated elsewhere.
constexpr std::uint64_t kHeldRawBody = 1u << 20;
// Before a credential is tried a second time: doubling, with jitter.
constexpr std::chrono::milliseconds kFirstBackoff{100};
constexpr std::chrono::milliseconds kLongestBackoff{2000};
// Of a stream that has shown nothing a client would miss.
constexpr std::size_t kMostHeldBack = 64 * 1024;

Error empty_answer() {
  return upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                        "the upstream's answer was empty");
}

Error cut_off() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "the upstream ended its stream without a finish reason");
}

}  // namespace

Exchange::Exchange(const Shared& shared, Worker& worker, const dialect::Dialect& dialect,
                   Route route, http::ServerRequest& request, http::ServerResponse& response)
    : shared_(shared),
      worker_(worker),
      dialect_(dialect),
      route_(std::move(route)),
      request_(request),
      response_(response) {
  record_.started = shared_.clock.now();
  record_.id = worker_.random.id();
  record_.dialect = dialect_.name();
  record_.method = request_.method;
  record_.path = route_.path;
  record_.client = client_address(request_, shared_.options.trusted_proxies);
  first_byte_deadline_ = record_.started + shared_.options.first_byte_timeout;
}

Task<> Exchange::run() {
  const Result<> result = co_await serve();
  if (!result) co_await refuse(result.error());
  settle(result);
}

Task<Result<>> Exchange::serve() {
  if (Result<> admitted = admit(); !admitted) co_return admitted;
  if (passes_body_on()) {
    body_ = std::make_shared<const Buffer>(0);
  } else {
    Result<std::shared_ptr<const Buffer>> body =
        co_await request_.read_body(shared_.options.body_limits);
    if (!body) co_return fail(std::move(body.error()));
    body_ = std::move(*body);
    record_.bytes_in = body_->size();
  }

  Result<gemini::Call> call = co_await understand();
  if (!call) co_return fail(std::move(call.error()));
  record_.method = gemini::method_name(call->method);
  if (call->method == Method::kRaw) co_return co_await pass_through(*call);
  if (call->method == Method::kListModels || call->method == Method::kGetModel) {
    co_return co_await answer_models(*call);
  }
  co_return co_await generate(*call);
}

// Phase 1. Before the body is read: strangers cost nothing.
Result<> Exchange::admit() {
  Result<std::shared_ptr<const account::Token>> token =
      is_upload_url(route_.path, request_.query) ? token_of_upload()
                                                 : authenticate(request_, *worker_.tokens.get());
  if (!token) return fail(std::move(token.error()));
  token_ = std::move(*token);
  record_.token = token_->id;
  return {};
}

// A large body that nobody here reads need not be held.
bool Exchange::passes_body_on() const {
  if (passes_upload_on()) return true;
  const std::optional<std::uint64_t> length = request_.content_length();
  const bool large =
      length ? *length > kHeldRawBody : !request_.header("transfer-encoding").empty();
  return large && !dialect_.reads_body(request_.method, route_.path, request_.query);
}

// Phases 2 to 4, which are pure: bytes to a call.
Task<Result<gemini::Call>> Exchange::understand() {
  if (body_->size() <= kParsedInPlace) co_return plan_call();
  std::optional<Result<gemini::Call>> call;
  auto work = [this, &call] { call.emplace(plan_call()); };
  co_await shared_.compute.run(worker_.loop, std::move(work));
  co_return std::move(*call);
}

Result<gemini::Call> Exchange::plan_call() {
  Result<std::unique_ptr<dialect::Parsed>> parsed =
      dialect_.parse({.http_method = request_.method,
                      .path = route_.path,
                      .query = request_.query,
                      .content_type = request_.header("content-type"),
                      .body = body_});
  if (!parsed) return fail(std::move(parsed.error()));
  parsed_ = std::move(*parsed);
  record_.model = parsed_->model;
  record_.upstream_model = shared_.aliases.resolve(parsed_->model);
  // The name becomes part of a path: it must not lead anywhere else.
  if (!record_.upstream_model.empty() && !gemini::is_model_name(record_.upstream_model)) {
    return fail(client_error(ErrorKind::kModelNotFound,
                             "there is no model of this name. GET /v1/models or /v1beta/models "
                             "lists those that exist.",
                             "model"));
  }
  return parsed_->lower({.name = record_.upstream_model, .derived = {}}, {});
}

// Phases 5 and 6. Until a byte has gone to the client, whatever fails is tried again elsewhere.
Task<Result<>> Exchange::generate(gemini::Call& call) {
  answer_context_ = {.created = std::chrono::duration_cast<std::chrono::seconds>(
                                    shared_.clock.wall().time_since_epoch())
                                    .count(),
                     .id = record_.id};
  for (;;) {
    Result<Answering> answering = co_await attempt(call);
    if (!answering) co_return fail(std::move(answering.error()));
    record_.tally = {};
    const std::unique_ptr<dialect::Encoder> encoder = parsed_->encoder(answer_context_);
    Result<> result = parsed_->stream ? co_await answer_stream(*answering, *encoder, call)
                                      : co_await answer_whole(*answering, *encoder);
    // What the upstream did wrong was settled where it showed; what is left is the client's part.
    answering->lease.settle(result ? pool::Outcome::success() : pool::Outcome::abandoned());
    if (result || response_.started() || !may_try_again(result.error())) co_return result;
    last_error_ = std::move(result.error());
  }
}

// Phase 5: a credential, an upstream, its first chunk.
Task<Result<Exchange::Answering>> Exchange::attempt(const gemini::Call& call) {
  provider::Provider* provider = provider_for(call);
  if (provider == nullptr) co_return fail(no_provider());
  for (;;) {
    Result<pool::Lease> leased = co_await lease(call);
    if (!leased) co_return fail(std::move(leased.error()));
    note_attempt(*provider, leased->credential());
    Attempt<std::unique_ptr<provider::ChunkStream>> stream =
        co_await provider->open(call, leased->credential(), attempt_context());
    std::optional<gemini::Failure> failure;
    if (stream) {
      Attempt<Batch> first = co_await (*stream)->next(first_byte_deadline_);
      if (first && !first->frames.empty()) {
        co_return Answering{std::move(*leased), std::move(*stream), *first};
      }
      if (!first) {
        failure = std::move(first.error());
      } else if (first->idle) {
        failure = {.error = upstream_error(ErrorKind::kTimeout, Retry::kNever,
                                           "the upstream did not answer in time")};
      } else {
        failure = {.error = empty_answer()};
      }
    } else {
      failure = std::move(stream.error());
    }
    settle_failure(*leased, *failure);
    if (!may_try_again(failure->error)) co_return fail(std::move(failure->error));
    last_error_ = std::move(failure->error);
  }
}

void Exchange::note_attempt(const provider::Provider& provider,
                            const pool::Credential& credential) {
  ++record_.attempts;
  record_.provider = provider.name();
  record_.credential = credential.id();
  tried_.push_back(&credential);
}

void Exchange::settle_failure(pool::Lease& lease, const gemini::Failure& failure) {
  lease.settle(failure.error.kind == ErrorKind::kCancelled ? pool::Outcome::abandoned()
                                                           : pool::Outcome::failed(failure));
}

Task<Result<pool::Lease>> Exchange::lease(const gemini::Call& call) {
  const Result<Binding> binding = binding_of(call);
  if (!binding) co_return fail(binding.error());
  Result<pool::Lease> leased = co_await shared_.pool.lease({.provider = provider_for(call)->name(),
                                                            .model = call.model,
                                                            .tried = tried_,
                                                            .only = binding->only,
                                                            .preferred = binding->preferred});
  if (!leased) {
    Error error = std::move(leased.error());
    if (last_error_ && error.kind == ErrorKind::kNoCredential) {
      error.detail += " The last one failed: " + last_error_->detail;
    }
    co_return fail(std::move(error));
  }
  if (leased->repeated) {
    const auto doublings = std::min<std::size_t>(tried_.size(), 8);
    const auto backoff = std::min(kFirstBackoff * (1 << (doublings - 1)), kLongestBackoff);
    const auto jittered = backoff / 2 + std::chrono::milliseconds(worker_.random.below(
                                            static_cast<std::uint64_t>(backoff.count() / 2 + 1)));
    if (!co_await net::sleep_for(worker_.loop, jittered, &request_.departed())) {
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
  co_return std::move(*leased);
}

bool Exchange::may_try_again(const Error& error) const {
  return error.retry != Retry::kNever && error.kind != ErrorKind::kCancelled &&
         record_.attempts < shared_.options.max_attempts &&
         shared_.clock.now() < first_byte_deadline_ && !request_.departed().requested();
}

// Phase 6, for an answer that is one JSON value.
Task<Result<>> Exchange::answer_whole(Answering& answering, dialect::Encoder& encoder) {
  std::string out;
  for (const gemini::Frame& frame : answering.first.frames) {
    if (Result<> encoded = encoder.frame(frame, record_.tally, out); !encoded) co_return encoded;
  }
  if (says_nothing()) co_return fail(empty_answer());
  if (Result<> finished = encoder.finish(record_.tally, out); !finished) co_return finished;
  note_first_byte();
  record_.status = 200;
  co_return co_await response_.send(200, headers(encoder.content_type(), false), out);
}

// Phase 6, frame by frame, pulled: what the client does not take is not read.
Task<Result<>> Exchange::answer_stream(Answering& answering, dialect::Encoder& encoder,
                                       gemini::Call& call) {
  std::string out;
  Batch batch = answering.first;
  for (;;) {
    Result<> encoded;
    for (const gemini::Frame& frame : batch.frames) {
      encoded = encoder.frame(frame, record_.tally, out);
      if (!encoded) break;
    }
    if (encoded && batch.ended) {
      encoded = says_nothing()            ? fail(empty_answer())
                : !record_.tally.finished ? fail(cut_off())
                                          : encoder.finish(record_.tally, out);
    }
    if (!encoded) co_return co_await break_off(encoder, out, std::move(encoded.error()));
    // Nothing is sent before there is something to say: so far another may still answer.
    const bool meaningful = record_.tally.content || (record_.tally.finished && !says_nothing());
    if (!response_.started() && (meaningful || batch.ended || out.size() > kMostHeldBack)) {
      // A stream may be long, and from here on nobody asks again: let the request go.
      body_.reset();
      parsed_.reset();
      call.body = {};
      note_first_byte();
      record_.status = 200;
      response_.start(200, headers(encoder.content_type(), true));
    }
    if (batch.ended) co_return co_await response_.finish(out);
    if (!out.empty() && response_.started()) {
      if (Result<> written = co_await response_.write(out); !written) co_return written;
      out.clear();
    }
    Attempt<Batch> next =
        co_await answering.stream->next(shared_.clock.now() + shared_.options.stream_idle_timeout);
    if (next && next->idle) {
      next = std::unexpected(gemini::Failure{
          .error = upstream_error(ErrorKind::kTimeout, Retry::kNever,
                                  "the upstream stopped in the middle of its answer")});
    }
    if (!next) {
      settle_failure(answering.lease, next.error());
      co_return co_await break_off(encoder, out, std::move(next.error().error));
    }
    batch = *next;
  }
}

// The answer is complete and well, but there is nothing in it.
bool Exchange::says_nothing() const {
  const gemini::Tally& tally = record_.tally;
  const bool generates = record_.method == gemini::method_name(Method::kGenerateContent) ||
                         record_.method == gemini::method_name(Method::kStreamGenerateContent);
  return generates && !tally.content &&
         (tally.finish_reason == "STOP" || (!tally.finished && tally.finish_reason.empty()));
}

// Ends a stream that has begun with the dialect's own form of an error.
Task<Result<>> Exchange::break_off(dialect::Encoder& encoder, std::string& out, Error error) {
  if (response_.started() && error.kind != ErrorKind::kCancelled) {
    encoder.error(error, out);
    told_ = (co_await response_.finish(out)).has_value();
  }
  co_return fail(std::move(error));
}

// Lists of models come from the cache when they can.
Task<Result<>> Exchange::answer_models(const gemini::Call& call) {
  const std::string key = call.version + "/" + call.model + "?" + call.query;
  std::shared_ptr<const Buffer> answer = shared_.models.fresh(key);
  if (answer == nullptr) {
    Result<Answering> answering = co_await attempt(call);
    if (answering) {
      const std::string_view json = answering->first.frames[0].json.view();
      answer = Buffer::copy_of(json);
      shared_.models.put(key, json);
      answering->lease.settle(pool::Outcome::success());
    } else {
      answer = shared_.models.stale(key);
      if (answer == nullptr) co_return fail(std::move(answering.error()));
    }
  }
  const std::unique_ptr<dialect::Encoder> encoder = parsed_->encoder(answer_context_);
  std::string out;
  const gemini::Frame frame{.json = answer->padded(), .wire = answer->view()};
  if (Result<> encoded = encoder->frame(frame, record_.tally, out); !encoded) co_return encoded;
  if (Result<> finished = encoder->finish(record_.tally, out); !finished) co_return finished;
  record_.status = 200;
  note_first_byte();
  co_return co_await response_.send(200, headers(encoder->content_type(), false), out);
}

// The error in the client's own dialect, unless the client knows already or is gone.
Task<> Exchange::refuse(const Error& error) {
  if (told_) co_return;
  if (response_.started() || error.kind == ErrorKind::kCancelled) {
    response_.abort();
    co_return;
  }
  const dialect::ErrorReply reply = dialect_.error(error);
  record_.status = reply.status;
  std::vector<http::Header> fields = headers("application/json", false);
  for (const auto& [name, value] : reply.headers) fields.push_back({name, value});
  if (reply.status == 405) {
    const bool reads = request_.method == "GET" || request_.method == "HEAD";
    fields.push_back({"Allow", reads ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"});
  }
  (void)co_await response_.send(reply.status, fields, reply.body);
}

// Phase 7. Leases were settled by who held them; here the books are closed.
void Exchange::settle(const Result<>& result) {
  const Clock::Steady now = shared_.clock.now();
  record_.bytes_out = response_.bytes_sent();
  if (result) {
    record_.outcome = "ok";
  } else if (result.error().kind == ErrorKind::kCancelled || request_.departed().requested()) {
    record_.outcome = "client_left";
    if (record_.status == 0) record_.status = 499;
  } else {
    record_.outcome = error_code(result.error().kind).name;
    record_.error = result.error().detail;
  }
  if (worker_.log.enabled()) {
    std::string line;
    line.reserve(768);
    append_log_line(line, record_, shared_.clock.wall(), now);
    worker_.log.append(worker_.lane, line);
  }
  count(result, now);
}

void Exchange::count(const Result<>& result, Clock::Steady now) {
  using observe::Metric;
  observe::Shard& metrics = worker_.metrics;
  const std::uint16_t dialect = observe::label_value(observe::Label::kDialect, record_.dialect);
  const std::uint16_t model = shared_.metrics.labels().model(record_.upstream_model);
  const std::uint16_t outcome =
      result ? observe::kOutcomeOk : observe::outcome_value(result.error().kind);
  metrics.count(Metric::kRequests, {dialect, model, outcome});
  metrics.observe(Metric::kRequestDuration, now - record_.started, {dialect, outcome});
  if (record_.first_byte != Clock::Steady()) {
    metrics.observe(Metric::kTimeToFirstToken, record_.first_byte - record_.started,
                    {dialect, model});
  }
  const gemini::Usage& usage = record_.tally.usage;
  const auto tokens = [&](observe::TokenType type, std::int64_t n) {
    if (n > 0) {
      metrics.count(Metric::kTokens, {model, static_cast<std::uint16_t>(type)},
                    static_cast<std::uint64_t>(n));
    }
  };
  tokens(observe::TokenType::kInput, usage.prompt + usage.tool_prompt);
  tokens(observe::TokenType::kOutput, usage.candidates);
  tokens(observe::TokenType::kCached, usage.cached);
  tokens(observe::TokenType::kReasoning, usage.thoughts);
}

Error Exchange::no_provider() {
  return internal_error("no provider is set up that could serve this", ErrorKind::kNoCredential);
}

provider::Provider* Exchange::provider_for(const gemini::Call& call) const {
  const auto found = std::ranges::find_if(
      shared_.providers, [&call](const provider::Provider* each) { return each->serves(call); });
  return found != shared_.providers.end() ? *found : nullptr;
}

provider::AttemptContext Exchange::attempt_context() const {
  return {.client = worker_.client,
          .clock = shared_.clock,
          .cancel = request_.departed(),
          .first_byte = first_byte_deadline_};
}

void Exchange::note_first_byte() { record_.first_byte = shared_.clock.now(); }

std::vector<http::Header> Exchange::headers(std::string_view content_type, bool stream) const {
  std::vector<http::Header> fields;
  fields.reserve(8);
  fields.push_back({"Content-Type", content_type});
  fields.push_back({"x-request-id", record_.id});
  if (stream) {
    fields.push_back({"Cache-Control", "no-cache"});
    fields.push_back({"X-Accel-Buffering", "no"});
  }
  if (const std::string_view origin = allowed_origin(request_, shared_.options.cors_origins);
      !origin.empty()) {
    fields.push_back({"Access-Control-Allow-Origin", origin});
    if (origin != "*") fields.push_back({"Vary", "Origin"});
  }
  return fields;
}

}  // namespace wasat::gateway
