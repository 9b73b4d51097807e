#include "gateway/attempts.h"

#include <algorithm>
#include <utility>

#include "gateway/affinity.h"
#include "gateway/raw/binding.h"

namespace wasat::gateway {

using provider::Attempt;
using provider::Batch;

namespace {

Error not_trusted() {
  return client_error(ErrorKind::kPermissionDenied,
                      "only relay nodes could serve this, and this token does not allow them: they "
                      "see what they are asked and could forge answers. Ask the operator for a "
                      "token that allows 'relay' (TOKENS_ALLOW, relay.trust).");
}

// Nobody is left who could try again.
Error final(Error error) {
  error.retry = Retry::kNever;
  return error;
}

// Before a credential is tried a second time: doubling, with jitter.
constexpr std::chrono::milliseconds kFirstBackoff{100};
constexpr std::chrono::milliseconds kLongestBackoff{2000};

}  // namespace

// Phase 5: a credential, an upstream, its first chunk.
Task<Result<Answering>> Attempts::answer(const gemini::Call& call) {
  if (provider_for(call) == nullptr) co_return fail(no_provider());
  for (;;) {
    Result<pool::Lease> leased = co_await lease(call);
    if (!leased) co_return fail(std::move(leased.error()));
    note(provider_of(*leased), leased->credential());
    std::optional<gemini::Failure> failure;
    if (const std::chrono::nanoseconds late = hedge_after(call); late.count() > 0) {
      Attempt<Answering> answering = co_await race(call, std::move(*leased), late);
      if (answering) co_return std::move(*answering);
      failure = std::move(answering.error());
    } else {
      Attempt<Opened> opened = co_await open(call, *leased, cancel_);
      if (opened) {
        co_return Answering{std::move(*leased), std::move(opened->stream), opened->first};
      }
      failure = std::move(opened.error());
      settle_failure(*leased, *failure);
    }
    remedy_ = failure->remedy;
    if (!may_try_again(failure->error)) co_return fail(std::move(failure->error));
    failed(std::move(failure->error));
  }
}

// Up to the first chunk.
Task<Attempt<Opened>> Attempts::open(const gemini::Call& call, pool::Lease& lease, Cancel& cancel) {
  const provider::AttemptContext its_context{.client = worker_.client,
                                             .clock = shared_.clock,
                                             .api_key = options_.api_key,
                                             .cancel = cancel,
                                             .first_byte = deadline_};
  Attempt<std::unique_ptr<provider::ChunkStream>> stream =
      co_await provider_of(lease).open(call, lease.credential(), its_context);
  if (!stream) co_return std::unexpected(std::move(stream.error()));
  Attempt<Batch> first = co_await (*stream)->next(deadline_);
  if (!first) co_return std::unexpected(std::move(first.error()));
  if (!first->frames.empty()) {
    lease.note_first_chunk(shared_.clock.now());
    co_return Opened{std::move(*stream), *first};
  }
  gemini::Failure failure;
  failure.error = first->idle ? upstream_error(ErrorKind::kTimeout, Retry::kNever,
                                               "the upstream did not answer in time")
                              : upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                               "the upstream's answer was empty");
  co_return std::unexpected(std::move(failure));
}

void Attempts::note(const provider::Provider& provider, const pool::Credential& credential) {
  ++record_.attempts;
  record_.provider = provider.name();
  record_.credential = credential.id();
  tried_.push_back(&credential);
}

void Attempts::settle_failure(pool::Lease& lease, const gemini::Failure& failure) {
  lease.settle(failure.error.kind == ErrorKind::kCancelled ? pool::Outcome::abandoned()
                                                           : pool::Outcome::failed(failure));
}

Task<Result<pool::Lease>> Attempts::lease(const gemini::Call& call) {
  Result<Binding> binding = binding_of(call, record_.token, shared_.resources);
  if (!binding) co_return fail(std::move(binding.error()));
  if (!bound_.empty()) binding->only = bound_;
  const Providers providers = providers_of(call);
  if (!affinity_) affinity_ = affinity_of(call);
  const std::string preferred = std::exchange(preferred_, {});
  const pool::Demand demand{.providers = providers,
                            .model = call.model,
                            .tried = tried_,
                            .preferred = preferred,
                            .only = binding->only,
                            .home = binding->home,
                            .affinity = *affinity_,
                            .deadline = deadline_,
                            .cancel = &cancel_};
  Result<pool::Lease> leased = co_await worker_.seat.lease(demand);
  if (!leased) {
    Error error = std::move(leased.error());
    if (error.kind == ErrorKind::kNoCredential && binding->only.empty()) {
      if (is_left_out(call)) co_return fail(not_trusted());
      if (std::optional<Error> words = none_left(call)) co_return fail(final(std::move(*words)));
    }
    if (last_error_ && error.kind == ErrorKind::kNoCredential) {
      error.detail += " The last one failed: " + last_error_->detail;
    }
    co_return fail(std::move(error));
  }
  if (leased->repeated && last_error_ && !provider_of(*leased).asks_again(*last_error_)) {
    co_return fail(final(*last_error_));
  }
  if (leased->repeated) {
    const auto doublings = std::min<std::size_t>(tried_.size(), 8);
    const auto backoff = std::min(kFirstBackoff * (1 << (doublings - 1)), kLongestBackoff);
    const auto jittered = backoff / 2 + std::chrono::milliseconds(worker_.random.below(
                                            static_cast<std::uint64_t>(backoff.count() / 2 + 1)));
    if (!co_await net::sleep_for(worker_.loop, jittered, &cancel_)) {
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
  co_return std::move(*leased);
}

bool Attempts::may_try_again(const Error& error) const {
  return error.retry != Retry::kNever && error.kind != ErrorKind::kCancelled &&
         tried_.size() < static_cast<std::size_t>(options_.max_attempts) &&
         shared_.clock.now() < deadline_ && !cancel_.requested();
}

Error Attempts::no_provider() {
  return internal_error("no provider is set up that could serve this", ErrorKind::kNoCredential);
}

bool Attempts::is_left_out(const gemini::Call& call) const {
  if (trusts_relay()) return false;
  const auto credentials = shared_.pool.credentials();
  return std::ranges::any_of(shared_.providers, [&](const provider::Provider* each) {
    return each->trust() != provider::Trust::kFull && each->serves(call) &&
           std::ranges::any_of(*credentials, [each](const pool::CredentialPtr& credential) {
             return credential->provider() == each->name();
           });
  });
}

provider::Provider* Attempts::provider_for(const gemini::Call& call) const {
  const auto found = std::ranges::find_if(
      shared_.providers, [&](const provider::Provider* each) { return may_serve(*each, call); });
  return found != shared_.providers.end() ? *found : nullptr;
}

Attempts::Providers Attempts::providers_of(const gemini::Call& call) const {
  Providers serving;
  for (const provider::Provider* each : shared_.providers) {
    if (serving.count < serving.names.size() && may_serve(*each, call)) {
      serving.names[serving.count++] = each->name();
    }
  }
  return serving;
}

// In the words of the only provider that the pool has, or may have, credentials of.
std::optional<Error> Attempts::none_left(const gemini::Call& call) const {
  if (!shared_.pool.only_transient()) return std::nullopt;
  const Error* const last = last_error_ ? &*last_error_ : nullptr;
  for (const provider::Provider* each : shared_.providers) {
    if (!may_serve(*each, call)) continue;
    if (std::optional<Error> words = each->none_left(last)) return words;
  }
  return std::nullopt;
}

provider::Provider& Attempts::provider_of(const pool::Lease& lease) const {
  return **std::ranges::find(shared_.providers, lease.credential().provider(),
                             [](const provider::Provider* each) { return each->name(); });
}

provider::AttemptContext Attempts::context() const {
  return {.client = worker_.client,
          .clock = shared_.clock,
          .api_key = options_.api_key,
          .cancel = cancel_,
          .first_byte = deadline_};
}

}  // namespace wasat::gateway
