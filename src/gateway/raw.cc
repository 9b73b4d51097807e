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

}  // namespace

Task<Result<>> Exchange::pass_through(const gemini::Call& call) {
  if (!token_->allow_raw) {
    co_return fail(client_error(
        ErrorKind::kPermissionDenied,
        "this token may call models only. " + call.path +
            " needs a token that allows raw paths, since what it reaches belongs to the "
            "upstream account as a whole."));
  }
  provider::Provider* provider = provider_for(call);
  if (provider == nullptr) co_return fail(no_provider());
  for (;;) {
    Result<pool::Lease> leased = co_await lease(call);
    if (!leased) co_return fail(std::move(leased.error()));
    note_attempt(*provider, leased->credential());
    const provider::AttemptContext context = attempt_context();
    provider::Attempt<std::unique_ptr<http::ClientStream>> answer =
        co_await provider->open_raw(call, leased->credential(), context);
    std::optional<gemini::Failure> failure;
    if (!answer) {
      failure = std::move(answer.error());
    } else if ((*answer)->status() >= 400) {
      failure = co_await provider::read_refusal(**answer, context);
    }
    if (failure) {
      settle_failure(*leased, *failure);
      if (!may_try_again(failure->error)) co_return fail(std::move(failure->error));
      last_error_ = std::move(failure->error);
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
    const bool passed = std::ranges::any_of(kPassed, [&header](std::string_view name) {
      return http::equals_ignoring_case(name, header.name);
    });
    if (passed && !http::equals_ignoring_case(header.name, "content-type")) {
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
