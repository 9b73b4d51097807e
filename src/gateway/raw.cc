// The raw kind of exchange: paths of the Gemini API that are no calls to a model
// are passed on as they are, with one of our credentials. What they make belongs
// to the token that made it, and to the credential that did (raw/ownership.cc).

#include "gateway/raw/raw.h"

#include <algorithm>

#include "gateway/exchange.h"
#include "gemini/pieces.h"
#include "provider/api_key/answer.h"

namespace wasat::gateway {
namespace {

// What of a client's request the upstream may see, beside path, query and body.
constexpr std::string_view kAsked[] = {"content-type",  "accept", "if-match",
                                       "if-none-match", "range",  "content-range"};
constexpr std::string_view kUploadHeaders = "x-goog-upload-";

bool is_passed(const http::Header& header) {
  return http::equals_ignoring_case(header.name.substr(0, kUploadHeaders.size()), kUploadHeaders) ||
         std::ranges::any_of(kAsked, [&header](std::string_view each) {
           return http::equals_ignoring_case(each, header.name);
         });
}

// The client's body, passed on as it comes.
class PassedBody final : public http::BodySource {
 public:
  PassedBody(http::ServerRequest& request, std::uint64_t& count)
      : request_(request), count_(count) {}

  Task<Result<std::size_t>> read(std::span<char> room) override {
    used_ = true;
    Result<std::size_t> n = co_await request_.read_some(room);
    if (n) count_ += *n;
    co_return n;
  }
  std::optional<std::uint64_t> length() const override {
    if (!request_.header("transfer-encoding").empty()) return std::nullopt;
    return request_.content_length().value_or(0);
  }
  bool used() const { return used_; }

 private:
  http::ServerRequest& request_;
  std::uint64_t& count_;
  bool used_ = false;
};

}  // namespace

// Of a body that was to be passed on as it comes.
Task<Result<>> Exchange::hold_body(gemini::Call& call) {
  Result<std::shared_ptr<const Buffer>> body = co_await request_.read_body(options_->body_limits);
  if (!body) co_return fail(std::move(body.error()));
  body_ = std::move(*body);
  call.body = Body::of(body_);
  record_.bytes_in = body_->size();
  keep_request();
  // Whoever answers has as long as if it had come at once.
  attempts_.set_deadline(shared_.clock.now() + options_->first_byte_timeout);
  co_return Result<>{};
}

Task<Result<>> Exchange::pass_through(gemini::Call& call) {
  if (call.http_method.empty()) call.http_method = request_.method;
  RawAnswer about{.path = gemini::read_resource_path(call.http_method, call.path),
                  .http_method = call.http_method,
                  .credential_id = {}};
  if (const Result<> allowed = may_use(about.path); !allowed) co_return allowed;
  // What another dialect translated brings its own headers.
  const bool lists = about.path.action == gemini::ResourcePath::Action::kList;
  if (!lists && parsed_->passes_answer && call.headers.empty()) {
    for (const http::Header& header : request_.headers) {
      if (is_passed(header)) call.headers.emplace_back(header.name, header.value);
    }
  }
  if (attempts_.provider_for(call) == nullptr) co_return fail(Attempts::no_provider());
  if (lists) {
    co_return co_await list_own(call, about.path.collection);
  }
  if (upload_) {
    attempts_.bind_to(upload_->credential_id);
    const std::size_t mark = std::min(upload_->target.find('?'), upload_->target.size());
    call.path = upload_->target.substr(0, mark);
    call.query = upload_->target.substr(std::min(mark + 1, upload_->target.size()));
  }
  const std::optional<gemini::PieceCall> by_piece = gemini::piece_call(call);
  if (by_piece) {
    record_.method = by_piece->method;
    record_.upstream_model = by_piece->model;
  }
  PassedBody source(request_, record_.bytes_in);
  bool holds_body = !passes_body_on();
  for (;;) {
    Result<pool::Lease> leased = co_await attempts_.lease(call);
    if (!leased) co_return fail(std::move(leased.error()));
    provider::Provider& provider = attempts_.provider_of(*leased);
    attempts_.note(provider, leased->credential());
    about.credential_id = leased->credential().id();
    if (!holds_body && !provider.takes_body_as_it_comes()) {
      Result<> held = co_await hold_body(call);
      if (!held) co_return held;
      holds_body = true;
    }
    provider::AttemptContext context = attempts_.context();
    if (!holds_body) {
      context.body = &source;
      context.body_stall = std::chrono::ceil<std::chrono::seconds>(options_->first_byte_timeout);
    }
    provider::Attempt<std::unique_ptr<http::ClientStream>> answer =
        co_await provider.open_raw(call, leased->credential(), context);
    std::optional<gemini::Failure> failure;
    if (!answer) {
      failure = std::move(answer.error());
    } else if ((*answer)->status() >= 400) {
      failure = co_await provider::read_refusal(**answer, context);
    }
    if (failure) {
      Attempts::settle_failure(*leased, *failure);
      if (source.used() || !attempts_.may_try_again(failure->error))
        co_return fail(std::move(failure->error));
      attempts_.failed(std::move(failure->error));
      continue;
    }
    leased->settle(pool::Outcome::success());
    if (by_piece) record_.tally.usage = by_piece->pieces;
    if (about.path.removes) {
      shared_.resources.remove(token_->id, about.path.owned);
      shared_.store.note(store::RemoveResource{token_->id, about.path.owned});
    }
    if (!parsed_->passes_answer) co_return co_await encode_raw(**answer, about);
    co_return co_await relay(**answer, about);
  }
}

}  // namespace wasat::gateway
