// How a Live session begins: who asks, for which model, and on which credential.

#include <algorithm>

#include "gateway/admit.h"
#include "gateway/duplex.h"

namespace wasat::gateway {

using provider::Attempt;
using Batch = ws::Connection::Batch;

namespace {

constexpr std::string_view kEphemeral = "auth_tokens/";
// A setup may bring tools and a conversation.
constexpr std::size_t kMostSetup = 4u << 20;
constexpr std::chrono::seconds kSetupTime{30};
// BidiGenerateContent, BidiGenerateContentConstrained, BidiGenerateMusic, and what may follow.
constexpr std::string_view kService = ".GenerativeService.BidiGenerate";

gemini::Failure failure(Error error) { return {.error = std::move(error)}; }

}  // namespace

Result<> Duplex::admit() {
  if (route_.path.find(kService) == std::string::npos) {
    return fail(client_error(ErrorKind::kNotFound,
                             "there is no such WebSocket. Live sessions are at "
                             "/ws/google.ai.generativelanguage.v1beta.GenerativeService."
                             "BidiGenerateContent."));
  }
  Result<std::shared_ptr<const account::Token>> token = presented_by();
  if (!token) return fail(std::move(token.error()));
  token_ = std::move(*token);
  record_.token = token_->id;
  attempts_.work_for(*token_);
  if (Result<> admitted = allowance_.admit(shared_, token_, record_.dialect); !admitted) {
    return admitted;
  }
  if (!token_->allowed(gemini::ResourceKind::kLive)) {
    return fail(client_error(ErrorKind::kPermissionDenied,
                             "this token may not use live. Ask the operator for a token that "
                             "allows 'live' (TOKENS_ALLOW)."));
  }
  if (shared_.draining) {
    return fail(internal_error("this server is closing; try again", ErrorKind::kUnavailable));
  }
  return {};
}

// A client's token, or the one that has minted the ephemeral token which is presented:
// that one is known upstream, to the account of one credential.
Result<std::shared_ptr<const account::Token>> Duplex::presented_by() {
  std::string presented = presented_token(request_);
  if (!presented.starts_with(kEphemeral)) return authenticate(request_, *worker_.tokens.get());
  const std::optional<store::Resource> owner = shared_.resources.owner_of(presented);
  std::shared_ptr<const account::Token> token =
      owner ? worker_.tokens.get()->find_id(owner->token_id) : nullptr;
  if (token == nullptr) {
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "this ephemeral token is not known here, or it has expired. Mint one "
                             "with POST /v1alpha/auth_tokens."));
  }
  attempts_.bind_to(owner->credential_id);
  ephemeral_ = std::move(presented);
  return token;
}

// A pool in which nobody could serve any model is told of before the upgrade.
Result<> Duplex::expect_credential() const {
  const pool::Census census = shared_.pool.census();
  if (census.ready > 0) return {};
  return fail(internal_error("no credential can serve this now. GET /stats tells of each.",
                             census.all == 0 ? ErrorKind::kNoCredential : ErrorKind::kRateLimited));
}

// The client's first message, whole. What came behind it stays in early_.
Task<Result<LiveSetup>> Duplex::read_setup() {
  if (draining_) stop_up_.request();
  const net::TimePoint deadline = shared_.clock.now() + kSetupTime;
  Buffer message(4096);
  for (;;) {
    const Result<Batch> batch = co_await client_->read(deadline, &stop_up_);
    if (!batch) {
      if (draining_) {
        end(End::kDraining);
      } else if (batch.error().kind == ErrorKind::kTimeout) {
        co_return fail(client_error(ErrorKind::kInvalidRequest, "no setup came in time"));
      } else {
        end(End::kClientGone);
      }
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
    early_ = *batch;
    while (!early_.pieces.empty()) {
      const ws::Piece piece = early_.pieces.front();
      early_.pieces = early_.pieces.subspan(1);
      const std::size_t size = message.size() + piece.bytes.size();
      if (size > kMostSetup) {
        co_return fail(client_error(ErrorKind::kTooLarge, "the setup is larger than 4 MiB"));
      }
      if (size > message.capacity()) message.reserve(std::max(size, 2 * message.capacity()));
      std::ranges::copy(piece.bytes, message.data() + message.size());
      message.resize(size);
      if (!piece.last) continue;
      Result<LiveSetup> setup = read_live_setup(message.padded(), *worker_.aliases.get());
      if (setup) {
        record_.model = setup->model;
        record_.upstream_model = setup->upstream_model;
      }
      co_return setup;
    }
    if (early_.close != nullptr) {
      end(End::kClientClosed, early_.close);
      co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
    }
  }
}

// A credential, an upstream, its first message. Until then nothing was relayed, so that
// whatever fails is tried again elsewhere.
Task<Result<Batch>> Duplex::attempt(const LiveSetup& setup) {
  gemini::Call call;
  call.method = gemini::Method::kRaw;
  call.model = setup.upstream_model;
  call.http_method = "GET";
  call.path = route_.path;
  call.resources = setup.resources;
  // One that is not known here may still be known upstream.
  if (const auto session =
          setup.resumes.empty()
              ? std::nullopt
              : shared_.resources.find(token_->id, live_session_name(setup.resumes))) {
    attempts_.bind_to(session->credential_id);
    handles_.back() = session->name;  // goes when there is a new one
  }
  if (!ephemeral_.empty()) call.headers.emplace_back("Authorization", "Token " + ephemeral_);
  if (attempts_.provider_for(call) == nullptr) co_return fail(Attempts::no_provider());
  // The time runs from the setup: a client may take its own before it sends one.
  first_byte_deadline_ = shared_.clock.now() + options_->first_byte_timeout;
  attempts_.set_deadline(first_byte_deadline_);
  client_->watch_peer(request_.departed());
  attempting_ = true;
  for (;;) {
    Result<pool::Lease> leased = co_await attempts_.lease(call);
    if (!leased) co_return give_up(std::move(leased.error()));
    lease_.emplace(std::move(*leased));
    provider::Provider& provider = attempts_.provider_of(*lease_);
    attempts_.note(provider, lease_->credential());
    Attempt<Batch> first = co_await open(provider, setup, call, lease_->credential());
    if (first) {
      client_->unwatch_peer();
      attempting_ = false;
      record_.first_byte = shared_.clock.now();
      co_return *first;
    }
    upstream_.reset();
    link_.reset();
    Attempts::settle_failure(*lease_, first.error());
    Error& error = first.error().error;
    if (!attempts_.may_try_again(error)) co_return give_up(std::move(error));
    attempts_.failed(std::move(error));
  }
}

std::unexpected<Error> Duplex::give_up(Error error) {
  if (error.kind == ErrorKind::kCancelled) end(draining_ ? End::kDraining : End::kClientGone);
  return fail(std::move(error));
}

// An upstream refuses by a status, or by a close behind the setup.
Task<Attempt<Batch>> Duplex::open(provider::Provider& provider, const LiveSetup& setup,
                                  const gemini::Call& call, const pool::Credential& credential) {
  Attempt<http::ClientStream::Upgraded> opened =
      co_await provider.open_duplex(call, credential, attempts_.context());
  if (!opened) co_return std::unexpected(std::move(opened.error()));
  link_.emplace(std::move(*opened));
  upstream_.emplace(ws::Role::kClient, link_->stream, std::move(link_->input), worker_.masks,
                    options_->live);
  const Result<> sent =
      co_await upstream_->send(ws::Opcode::kText, setup.message, &request_.departed());
  Result<Batch> first = fail(sent ? Error() : sent.error());
  if (sent || sent.error().kind == ErrorKind::kUpstreamFailed) {
    // When it did not take the setup it may have said why.
    first = co_await upstream_->read(first_byte_deadline_, &request_.departed());
  }
  if (!first) {
    Error error = std::move(first.error());
    if (error.kind != ErrorKind::kCancelled) {
      error.source = ErrorSource::kUpstream;
      error.retry = error.kind == ErrorKind::kTimeout ? Retry::kNever : Retry::kNextCredential;
      error.detail = "the upstream did not begin the session: " + error.detail;
    }
    co_return std::unexpected(failure(std::move(error)));
  }
  if (first->pieces.empty()) {
    co_return std::unexpected(
        gemini::classify_close(first->close->code, first->close->reason, shared_.clock.wall()));
  }
  co_return *first;
}

}  // namespace wasat::gateway
