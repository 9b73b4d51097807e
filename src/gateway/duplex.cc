#include "gateway/duplex.h"

#include <utility>

#include "gateway/admit.h"
#include "gateway/cors.h"
#include "gateway/settle.h"
#include "gemini/error_body.h"
#include "gemini/redact.h"
#include "ws/handshake.h"

namespace wasat::gateway {

using provider::Attempt;
using Batch = ws::Connection::Batch;

namespace {

// Google's are good for two hours behind the session's end, Vertex's for a day.
constexpr std::chrono::hours kHandleLasts{24};

// With what a session is closed that could not be served (RFC 6455 section 7.4.1, and as
// Google's service does it).
std::uint16_t close_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidRequest:
    case ErrorKind::kUnsupported:
      return ws::kInvalidData;
    case ErrorKind::kModelNotFound:
    case ErrorKind::kNotFound:
    case ErrorKind::kPermissionDenied:
    case ErrorKind::kUnauthenticated:
    case ErrorKind::kContentBlocked:
      return ws::kPolicyViolation;
    case ErrorKind::kTooLarge:
    case ErrorKind::kContextTooLong:
      return ws::kTooBig;
    default:
      return ws::kInternalFailure;
  }
}

}  // namespace

Duplex::Duplex(const Shared& shared, Worker& worker, Route route, http::ServerRequest& request,
               http::ServerResponse& response)
    : shared_(shared),
      worker_(worker),
      options_(worker.options.get()),
      route_(std::move(route)),
      request_(request),
      response_(response),
      attempts_(shared, worker, *options_, record_, request.departed()) {
  record_.started = shared_.clock.now();
  record_.id = worker_.random.id();
  record_.dialect = "live";
  record_.method = request_.method;
  record_.path = route_.path;
  record_.client = client_address(request_, options_->trusted_proxies);
  side_.on_end(side_ended, this);
}

Duplex::~Duplex() {
  if (going_away_ != nullptr) going_away_->unwatch(*this);
}

Task<> Duplex::run() {
  Result<> result = co_await serve();
  if (!client_) {
    co_await refuse(result.error());
  } else {
    co_await part(result);
  }
  settle(result);
}

// What can be known before the upgrade is told by HTTP; what depends on the model, which
// the client names behind it, by a close frame. (Browsers show a page neither status nor
// body of a failed upgrade, but they do show code and reason of a close.)
Task<Result<>> Duplex::serve() {
  if (Result<> admitted = admit(); !admitted) co_return admitted;
  const Result<ws::Accepted> accepted = ws::check_request(request_);
  if (!accepted) co_return fail(accepted.error());
  if (Result<> any = expect_credential(); !any) co_return any;
  const std::array<http::Header, 2> fields = {
      http::Header{"Sec-WebSocket-Accept", accepted->accept},
      http::Header{"x-request-id", record_.id}};
  Result<http::Upgraded> upgraded = co_await response_.upgrade("websocket", fields);
  if (!upgraded) co_return fail(std::move(upgraded.error()));
  record_.status = 101;
  client_.emplace(ws::Role::kServer, upgraded->stream, std::move(upgraded->input), worker_.masks,
                  options_->live);
  going_away_ = &upgraded->going_away;
  going_away_->watch(*this);
  if (going_away_->requested()) draining_ = true;

  Result<LiveSetup> setup = co_await read_setup();
  if (!setup) co_return fail(std::move(setup.error()));
  if (Result<> allowed = allowance_.allows_model(worker_, setup->upstream_model); !allowed) {
    co_return fail(std::move(allowed.error()));
  }
  Result<Batch> first = co_await attempt(*setup);
  if (!first) co_return fail(std::move(first.error()));
  *setup = {};
  co_return co_await relay(*first);
}

// Two tasks, one for each way, until one of them has a reason to end.
Task<Result<>> Duplex::relay(Batch first) {
  worker_.metrics.change(observe::Metric::kLiveSessions, 1);
  side_.start(pass_up());
  co_await pass_down(first);
  stop_up_.request();
  struct SideEnded {
    Duplex& duplex;
    bool await_ready() const { return duplex.side_.empty(); }
    void await_suspend(std::coroutine_handle<> handle) { duplex.waiting_ = handle; }
    void await_resume() const {}
  };
  co_await SideEnded{*this};
  worker_.metrics.change(observe::Metric::kLiveSessions, -1);
  co_return outcome();
}

// Not at once: the scope is still in use when it tells of its task's end.
void Duplex::side_ended(void* self) {
  auto& duplex = *static_cast<Duplex*>(self);
  if (!duplex.waiting_) return;
  duplex.worker_.loop.post([handle = duplex.waiting_] { handle.resume(); });
}

void Duplex::end(End why, const ws::Close* close) {
  if (end_ != End::kNone) return;
  end_ = why;
  if (close != nullptr) close_ = *close;
}

void Duplex::cancelled() {
  draining_ = true;
  // Whoever is resumed may end the session: nothing may follow.
  Cancel& waiting = attempting_ ? request_.departed() : stop_up_;
  waiting.request();
}

// Client to upstream.
Task<> Duplex::pass_up() {
  Batch batch = early_;
  for (;;) {
    if (!batch.pieces.empty()) {
      const Result<> written = co_await upstream_->write(batch.pieces, &stop_up_);
      if (!written && written.error().kind != ErrorKind::kCancelled) {
        if (written.error().kind != ErrorKind::kTimeout) co_return;  // pass_down() will see why
        end(End::kUpstreamGone);
        break;
      }
    }
    if (batch.close != nullptr) {
      end(End::kClientClosed, batch.close);
      break;
    }
    Result<Batch> next = co_await client_->read(net::kNoDeadline, &stop_up_);
    if (!next) {
      if (next.error().kind != ErrorKind::kCancelled) {
        end(End::kClientGone);
      } else if (draining_) {
        end(End::kDraining);
      }
      break;
    }
    batch = *next;
  }
  stop_down_.request();
}

// A session is gone on with where it was: its handle is a resource of this credential, as a file
// is. A client that was cut off may not have got the newest one, so there are two.
void Duplex::remember_session(std::string_view message) {
  const std::string handle = read_live_handle(Buffer::copy_of(message)->padded());
  if (handle.empty()) return;
  const Clock::Wall now = shared_.clock.wall();
  store::Resource session{.name = live_session_name(handle),
                          .token_id = token_->id,
                          .credential_id = lease_->credential().id(),
                          .mime_type = {},
                          .created = store::to_time(now),
                          .expires = store::to_time(now + kHandleLasts)};
  if (session.name == handles_.front()) return;
  if (!handles_.back().empty()) {
    shared_.resources.remove(token_->id, handles_.back());
    shared_.store.note(store::RemoveResource{token_->id, handles_.back()});
  }
  handles_.back() = std::exchange(handles_.front(), session.name);
  const Resources::Put put = shared_.resources.put(session);
  if (!put.left_out.empty()) {
    shared_.store.note(store::RemoveResource{token_->id, put.left_out});
  }
  if (put) shared_.store.note(store::PutResource{std::move(session)});
}

// Upstream to client.
Task<> Duplex::pass_down(Batch batch) {
  for (;;) {
    for (const ws::Piece& piece : batch.pieces) {
      if (!piece.first || !piece.last) continue;
      if (may_tell_usage(piece.view())) usage_ = piece.view();
      if (may_tell_handle(piece.view())) remember_session(piece.view());
    }
    if (!batch.pieces.empty()) {
      const Result<> written = co_await client_->write(batch.pieces, &stop_down_);
      if (!written) {
        if (written.error().kind != ErrorKind::kCancelled) end(End::kClientGone);
        co_return;
      }
    }
    if (batch.close != nullptr) {
      end(End::kUpstreamClosed, batch.close);
      co_return;
    }
    Result<Batch> next = co_await upstream_->read(net::kNoDeadline, &stop_down_);
    if (!next) {
      if (next.error().kind != ErrorKind::kCancelled) end(End::kUpstreamGone);
      co_return;
    }
    batch = *next;
  }
}

// How a session that was relayed went, and what its credential learns.
Result<> Duplex::outcome() const {
  if (end_ == End::kClientGone) {
    return fail(client_error(ErrorKind::kCancelled, "the client left its session"));
  }
  if (end_ == End::kUpstreamGone) {
    return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                               "the upstream broke off the session"));
  }
  if (end_ == End::kUpstreamClosed && close_.code != ws::kNormal && close_.code != ws::kNoCode &&
      close_.code != ws::kGoingAway) {
    gemini::Failure failure =
        gemini::classify_close(close_.code, close_.reason, shared_.clock.wall());
    return fail(std::move(failure.error));
  }
  return {};
}

// Both ends get their close, the one that is already waiting for it first.
Task<> Duplex::part(const Result<>& result) {
  if (client_) client_->unwatch_peer();
  switch (end_) {
    case End::kClientClosed:
      co_await client_->close(close_.code, close_.reason);
      if (upstream_) co_await upstream_->close(close_.code, close_.reason);
      break;
    case End::kClientGone:
      if (client_->violation()) {
        co_await client_->close(client_->violation()->code, client_->violation()->reason);
      }
      if (upstream_) co_await upstream_->close(ws::kGoingAway, {});
      break;
    case End::kUpstreamClosed:
      co_await upstream_->close(close_.code, {});
      co_await client_->close(close_.code, gemini::redacted(close_.reason, ws::kMostReason));
      break;
    case End::kUpstreamGone:
      if (upstream_->violation()) {
        co_await upstream_->close(upstream_->violation()->code, upstream_->violation()->reason);
      }
      co_await client_->close(ws::kInternalFailure, "the upstream broke off the session");
      break;
    case End::kDraining:
      co_await client_->close(ws::kGoingAway, "this server is closing");
      if (upstream_) co_await upstream_->close(ws::kGoingAway, {});
      break;
    case End::kNone: {
      if (result) break;
      const Error& error = result.error();
      co_await client_->close(close_code(error.kind),
                              gemini::redacted(error.detail, ws::kMostReason));
      break;
    }
  }
}

Task<> Duplex::refuse(const Error& error) {
  if (error.kind == ErrorKind::kCancelled) {
    response_.abort();
    co_return;
  }
  record_.status = error.kind == ErrorKind::kUnsupported ? 426 : error_code(error.kind).status;
  std::vector<http::Header> fields = {{"Content-Type", "application/json"},
                                      {"x-request-id", record_.id}};
  if (record_.status == 426) {
    fields.push_back({"Upgrade", "websocket"});
    fields.push_back({"Sec-WebSocket-Version", "13"});
  }
  if (record_.status == 405) fields.push_back({"Allow", "GET"});
  const std::string body = gemini::error_body(error);
  (void)co_await response_.send(record_.status, fields, body);
}

void Duplex::settle(const Result<>& result) {
  using observe::Metric;
  observe::Shard& metrics = worker_.metrics;
  const bool relayed = lease_ && record_.first_byte != Clock::Steady();
  if (relayed) {
    if (result || end_ == End::kClientGone) {
      lease_->settle(pool::Outcome::success());
    } else if (end_ == End::kUpstreamClosed) {
      lease_->settle(pool::Outcome::failed(
          gemini::classify_close(close_.code, close_.reason, shared_.clock.wall())));
    } else {
      lease_->settle(pool::Outcome::failed({.error = result.error()}));
    }
  }
  if (client_) {
    const ws::Connection::Counts& counts = client_->counts();
    record_.bytes_in = counts.bytes_in;
    record_.bytes_out = counts.bytes_out;
    record_.frames_in = counts.frames_in;
    record_.frames_out = counts.frames_out;
    const auto count_way = [&metrics](observe::Direction way, std::uint64_t frames,
                                      std::uint64_t bytes) {
      const auto label = static_cast<std::uint16_t>(way);
      metrics.count(Metric::kLiveFrames, {label}, frames);
      metrics.count(Metric::kLiveBytes, {label}, bytes);
    };
    count_way(observe::Direction::kUp, counts.frames_in, counts.bytes_in);
    count_way(observe::Direction::kDown, counts.frames_out, counts.bytes_out);
  }
  if (!usage_.empty()) {
    const std::shared_ptr<Buffer> message = Buffer::copy_of(usage_);
    record_.tally.usage = read_live_usage(message->padded());
  }
  close_books(shared_, worker_, allowance_, record_, result, false);
}

}  // namespace wasat::gateway
