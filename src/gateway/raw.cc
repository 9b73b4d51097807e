// The raw kind of exchange: paths of the Gemini API that are no calls to a model
// are passed on as they are, with one of our credentials.

#include <algorithm>

#include "gateway/exchange.h"
#include "provider/api_key/answer.h"

namespace wasat::gateway {
namespace {

// What of an upstream's answer a client may see.
constexpr std::string_view kPassed[] = {"content-type", "content-disposition", "etag",
                                        "last-modified", "x-goog-upload-status"};

// What of a client's request the upstream may see, beside path, query and body.
constexpr std::string_view kAsked[] = {"content-type",
                                       "accept",
                                       "if-match",
                                       "if-none-match",
                                       "range",
                                       "x-goog-upload-protocol",
                                       "x-goog-upload-command",
                                       "x-goog-upload-offset",
                                       "x-goog-upload-file-name",
                                       "x-goog-upload-header-content-length",
                                       "x-goog-upload-header-content-type"};

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(
      names, [name](std::string_view each) { return http::equals_ignoring_case(each, name); });
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
  std::optional<std::uint64_t> length() const override { return request_.content_length(); }
  bool used() const { return used_; }

 private:
  http::ServerRequest& request_;
  std::uint64_t& count_;
  bool used_ = false;
};

}  // namespace

Task<Result<>> Exchange::pass_through(gemini::Call& call) {
  if (!token_->allow_raw) {
    co_return fail(client_error(
        ErrorKind::kPermissionDenied,
        "this token may call models only. " + call.path +
            " needs a token that allows raw paths, since what it reaches belongs to the "
            "upstream account as a whole."));
  }
  provider::Provider* provider = attempts_.provider_for(call);
  if (provider == nullptr) co_return fail(Attempts::no_provider());
  for (const http::Header& header : request_.headers) {
    if (is_one_of(header.name, kAsked)) call.headers.emplace_back(header.name, header.value);
  }
  PassedBody source(request_, record_.bytes_in);
  for (;;) {
    Result<pool::Lease> leased = co_await attempts_.lease(call);
    if (!leased) co_return fail(std::move(leased.error()));
    attempts_.note(*provider, leased->credential());
    provider::AttemptContext context = attempts_.context();
    if (passes_body_on()) context.body = &source;
    provider::Attempt<std::unique_ptr<http::ClientStream>> answer =
        co_await provider->open_raw(call, leased->credential(), context);
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
    co_return co_await relay(**answer);
  }
}

// Status, headers and body as they come.
Task<Result<>> Exchange::relay(http::ClientStream& answer) {
  std::vector<http::Header> fields = headers(answer.header("content-type"), false);
  if (fields.front().value.empty()) fields.front().value = "application/octet-stream";
  for (const http::Header& header : answer.headers()) {
    if (is_one_of(header.name, kPassed) &&
        !http::equals_ignoring_case(header.name, "content-type")) {
      fields.push_back(header);
    }
  }
  note_first_byte();
  record_.status = answer.status();
  response_.start(answer.status(), fields, answer.content_length());
  for (;;) {
    const Result<http::ClientStream::Piece> piece =
        co_await answer.read(shared_.clock.now() + shared_.options.stream_idle_timeout);
    if (!piece) co_return fail(piece.error());
    if (piece->idle) {
      co_return fail(upstream_error(ErrorKind::kTimeout, Retry::kNever,
                                    "the upstream stopped in the middle of its answer"));
    }
    Result<> written = piece->ended ? co_await response_.finish(piece->bytes)
                                    : co_await response_.write(piece->bytes);
    if (!written || piece->ended) co_return written;
  }
}

}  // namespace wasat::gateway
