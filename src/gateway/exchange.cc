#include "gateway/exchange.h"

#include <utility>

#include "gateway/admit.h"
#include "gateway/cors.h"
#include "gateway/settle.h"
#include "http/content_coding.h"

namespace wasat::gateway {

using gemini::Method;

namespace {

// Raw bodies up to here are held, so that the request can be repeated elsewhere.
constexpr std::uint64_t kHeldRawBody = 1u << 20;
}  // namespace

Exchange::Exchange(const Shared& shared, Worker& worker, const dialect::Dialect& dialect,
                   Route route, http::ServerRequest& request, http::ServerResponse& response)
    : shared_(shared),
      worker_(worker),
      options_(worker.options.get()),
      dialect_(dialect),
      route_(std::move(route)),
      request_(request),
      response_(response),
      attempts_(shared, worker, *options_, record_, request.departed()),
      heartbeat_(worker.loop, shared.clock, options_->heartbeat_after, *this),
      written_(shared.clock.now()) {
  record_.started = written_;
  record_.id = worker_.random.id();
  record_.dialect = dialect_.name();
  record_.method = request_.method;
  record_.path = route_.path;
  record_.client = client_address(request_, options_->trusted_proxies);
  attempts_.set_deadline(record_.started + options_->first_byte_timeout);
}

Task<> Exchange::run() {
  const Result<> result = co_await serve();
  if (!result) {
    if (allowance_.is_open()) {
      settle_limits(worker_, allowance_, record_, result, request_.departed().requested());
    }
    co_await refuse(result.error());
  }
  settle(result);
}

Task<Result<>> Exchange::serve() {
  if (Result<> admitted = admit(); !admitted) co_return admitted;
  if (passes_body_on()) {
    body_ = std::make_shared<const Buffer>(0);
  } else {
    Result<std::shared_ptr<const Buffer>> body = co_await request_.read_body(options_->body_limits);
    if (!body) co_return fail(std::move(body.error()));
    body_ = std::move(*body);
    record_.bytes_in = body_->size();
    keep_request();
  }

  Result<gemini::Call> call = co_await understand();
  if (!call) co_return fail(std::move(call.error()));
  if (parsed_->answers_itself) co_return co_await answer_itself();
  record_.method = gemini::method_name(call->method);
  const bool unread = passes_body_on();
  if (Result<> planned = allowance_.plan(worker_, *options_, *call, unread); !planned) {
    co_return planned;
  }
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
  attempts_.work_for(*token_);
  keeps_bodies_ = token_->limits != nullptr && token_->limits->log_bodies;
  return allowance_.admit(shared_, token_, dialect_.name());
}

// A large body that nobody here reads need not be held.
bool Exchange::passes_body_on() const {
  if (passes_upload_on()) return true;
  const std::optional<std::uint64_t> length = request_.content_length();
  const bool large =
      length ? *length > kHeldRawBody : !request_.header("transfer-encoding").empty();
  return large && !dialect_.reads_body(request_.method, route_.path, request_.query);
}

// Phases 5 and 6. Until something has gone to the client, whatever fails is tried again:
// elsewhere, or in other words.
Task<Result<>> Exchange::generate(gemini::Call& call) {
  answer_context_ = {.created = std::chrono::duration_cast<std::chrono::seconds>(
                                    shared_.clock.wall().time_since_epoch())
                                    .count(),
                     .id = record_.id,
                     .media_base = MediaCache::new_base(options_->media_url)};
  streams_ = parsed_->stream;
  generates_ = call.method == Method::kGenerateContent || call.stream();
  for (;;) {
    encoder_ = parsed_->encoder(answer_context_);
    record_.tally = {};
    out_.clear();
    Result<> result = call.more.empty() ? co_await answer_one(call, attempts_)
                      : streams_        ? co_await answer_in_turn(call)
                                        : co_await answer_together(call);
    if (result) result = co_await finish_answer();
    // Several calls have been tried each for itself.
    if (result || said_ || last_word_ || !call.more.empty()) co_return result;
    if (const gemini::Remedy remedy = attempts_.take_remedy();
        remedy != gemini::Remedy::kNone && co_await mend(call, remedy)) {
      continue;
    }
    if (!attempts_.may_try_again(result.error())) co_return result;
    attempts_.failed(std::move(result.error()));
  }
}

// What is known here already; no upstream is asked.
Task<Result<>> Exchange::answer_itself() {
  allowance_.forgive();
  const std::unique_ptr<dialect::Encoder> encoder = parsed_->encoder(answer_context_);
  std::string out;
  if (Result<> finished = encoder->finish(record_.tally, out); !finished) co_return finished;
  record_.status = 200;
  note_first_byte();
  said_ = true;
  remember();
  keep_answer(out);
  co_return co_await response_.send(200, headers(encoder->content_type(), false), out);
}

// Lists of models come from the cache when they can.
Task<Result<>> Exchange::answer_models(const gemini::Call& call) {
  allowance_.forgive();
  const std::string key = call.version + "/" + call.model + "?" + call.query;
  using From = ModelsCache::From;
  const From from = attempts_.trusts_relay() ? From::kAnybody : From::kUpstream;
  std::shared_ptr<const Buffer> answer = shared_.models.fresh(key, from);
  if (answer == nullptr) {
    Result<Answering> answering = co_await attempts_.answer(call);
    if (answering) {
      const std::string_view json = answering->first.frames[0].json.view();
      answer = Buffer::copy_of(json);
      const provider::Provider& provider = attempts_.provider_of(answering->lease);
      shared_.models.put(
          key, json, provider.trust() == provider::Trust::kFull ? From::kUpstream : From::kAnybody);
      answering->lease.settle(pool::Outcome::success());
    } else {
      answer = shared_.models.stale(key, from);
      if (answer == nullptr) co_return fail(std::move(answering.error()));
    }
  }
  if (call.method == Method::kListModels) {
    if (auto visible = allowance_.visible_models(answer->view())) answer = std::move(visible);
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

// The error in the client's own dialect: an answer of its own, or the end of the stream.
Task<> Exchange::refuse(const Error& error) {
  if (error.kind == ErrorKind::kCancelled || lost_ ||
      (response_.started() && (!streams_ || encoder_ == nullptr))) {
    response_.abort();
    co_return;
  }
  if (response_.started()) {
    if (!said_) out_.clear();
    const std::size_t before = out_.size();
    encoder_->error(error, out_);
    // Where the answer has no words for it (audio), it must not look complete.
    if (out_.size() == before) {
      response_.abort();
    } else {
      keep_answer(out_);
      (void)co_await response_.finish(out_);
    }
    co_return;
  }
  const dialect::ErrorReply reply = dialect_.error_in(error, record_.id);
  record_.status = reply.status;
  std::vector<http::Header> fields = headers("application/json", false);
  for (const auto& [name, value] : reply.headers) fields.push_back({name, value});
  if (reply.status == 415) fields.push_back({"Accept-Encoding", http::kContentCodings});
  if (reply.status == 405) {
    const bool reads = request_.method == "GET" || request_.method == "HEAD";
    fields.push_back({"Allow", reads ? "POST, OPTIONS" : "GET, HEAD, OPTIONS"});
  }
  keep_answer(reply.body);
  (void)co_await response_.send(reply.status, fields, reply.body);
}

// Phase 7. Leases were settled by who held them; here the books are closed.
void Exchange::settle(const Result<>& result) {
  record_.bytes_out = response_.bytes_sent();
  close_books(shared_, worker_, allowance_, record_, result, request_.departed().requested());
}

// For tokens that ask for it, the beginnings of what was asked and answered are kept.
void Exchange::keep_request() {
  if (!keeps_bodies_) return;
  record_.request_body = body_->view().substr(0, options_->most_logged_body);
}
void Exchange::keep_answer(std::string_view bytes) {
  if (!keeps_bodies_) return;
  const std::size_t room = options_->most_logged_body - record_.response_body.size();
  record_.response_body.append(bytes.substr(0, room));
}

void Exchange::note_first_byte() { record_.first_byte = shared_.clock.now(); }

std::vector<http::Header> Exchange::headers(std::string_view content_type, bool stream) const {
  std::vector<http::Header> fields;
  fields.reserve(8);
  fields.push_back({"Content-Type", content_type});
  fields.push_back({"x-request-id", record_.id});
  if (const std::string_view own = dialect_.id_header(); !own.empty()) {
    fields.push_back({own, record_.id});
  }
  if (stream) {
    fields.push_back({"Cache-Control", "no-cache"});
    fields.push_back({"X-Accel-Buffering", "no"});
  }
  if (const std::string_view origin = allowed_origin(request_, options_->cors_origins);
      !origin.empty()) {
    fields.push_back({"Access-Control-Allow-Origin", origin});
    if (origin != "*") fields.push_back({"Vary", "Origin"});
  }
  return fields;
}

}  // namespace wasat::gateway
