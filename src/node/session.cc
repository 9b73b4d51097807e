#include "node/session.h"

#include <algorithm>
#include <cstring>

#include "ws/handshake.h"

namespace wasat::node {
namespace {

constexpr std::size_t kEnvelope = 64 * 1024;  // of a message, around its body
constexpr std::size_t kFirstRoom = 4096;
constexpr std::size_t kParsedHere = 1u << 20;

Error refused(int status) {
  Error error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                               "the relay answered with HTTP status " + std::to_string(status));
  error.status = status;
  return error;
}

Error closed(const ws::Close& close) {
  std::string text = "the relay closed the connection";
  if (close.code != ws::kNoCode) text += " with code " + std::to_string(close.code);
  if (!close.reason.empty()) text += ": " + close.reason;
  Error error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever, std::move(text));
  // Browsers show pages no other refusal, so that is how relays tell of a wrong token.
  if (close.code == ws::kPolicyViolation) error.status = 403;
  return error;
}

}  // namespace

Task<Result<>> Session::run() {
  Result<> ended = co_await open();
  if (!ended) co_return ended;
  ended = co_await read_messages();
  if (!ended) {
    wire_->cut();
    abort();
  }
  co_await jobs_ended();
  std::uint16_t code = ws::kGoingAway;
  std::string reason = "this node is leaving";
  if (connection_->violation()) {
    code = connection_->violation()->code;
    reason = connection_->violation()->reason;
  }
  (void)co_await connection_->close(code, reason);
  co_return ended;
}

Task<Result<>> Session::open() {
  const Options& options = means_.options;
  const std::string key = ws::make_key();
  std::vector<http::Header> headers = {{"User-Agent", "wasat/" WASAT_VERSION},
                                       {"Sec-WebSocket-Version", "13"},
                                       {"Sec-WebSocket-Key", key}};
  const Secret authorization("Bearer " + std::string(options.token.reveal()));
  if (!options.token.empty()) headers.push_back({"Authorization", authorization.reveal()});
  const http::ClientRequest request{
      .method = "GET", .target = options.relay_target, .headers = headers, .upgrade = "websocket"};
  const net::TimePoint deadline = std::chrono::steady_clock::now() + options.connect_timeout;
  Result<std::unique_ptr<http::ClientStream>> answer =
      co_await means_.client.send(options.relay, request, deadline, &stop_reading_);
  if (!answer) co_return fail(std::move(answer.error()));
  if ((*answer)->status() != 101) co_return fail(refused((*answer)->status()));
  Result<> accepted = ws::check_response((*answer)->headers(), key);
  if (!accepted) co_return accepted;
  link_.emplace((*answer)->take_upgraded());
  connection_.emplace(ws::Role::kClient, link_->stream, std::move(link_->input), masks_,
                      ws::ConnectionOptions{.max_message = options.most_message + kEnvelope});
  wire_.emplace(*connection_);
  scope_.on_end(job_ended, this);
  log_.info("connected to the relay");
  co_return Result<>{};
}

Task<Result<>> Session::read_messages() {
  auto message = std::make_shared<Buffer>(kFirstRoom);
  for (;;) {
    const Result<ws::Connection::Batch> batch =
        co_await connection_->read(net::kNoDeadline, &stop_reading_);
    if (!batch) {
      if (batch.error().kind == ErrorKind::kCancelled) co_return Result<>{};
      co_return fail(batch.error());
    }
    for (const ws::Piece& piece : batch->pieces) {
      const std::size_t size = message->size() + piece.bytes.size();
      if (size > message->capacity()) message->reserve(std::max(size, 2 * message->capacity()));
      std::memcpy(message->data() + message->size(), piece.bytes.data(), piece.bytes.size());
      message->resize(size);
      if (!piece.last) continue;
      co_await take(std::move(message));
      message = std::make_shared<Buffer>(kFirstRoom);
    }
    if (batch->close != nullptr) {
      co_return fail(closed(*batch->close));
    }
    if (draining_ && scope_.empty()) co_return Result<>{};
  }
}

// In their order, so that no cancel overtakes its request.
Task<> Session::take(std::shared_ptr<Buffer> message) {
  Incoming incoming;
  if (message->size() <= kParsedHere) {
    incoming = read_message(std::move(message));
  } else {
    auto read = [&incoming, &message] { incoming = read_message(std::move(message)); };
    co_await means_.compute.run(means_.loop, std::move(read));
  }
  Request& request = incoming.request;
  const auto known = jobs_.find(request.id);
  switch (incoming.kind) {
    case Incoming::Kind::kRequest:
      if (known != jobs_.end()) {
        log_.warn("the relay used an id twice; the second request is dropped");
      } else if (const std::string_view why = refusal(request); !why.empty()) {
        scope_.start(
            refuse(failure_message(request.id, {.status = 503, .error = std::string(why)}, false)));
      } else {
        scope_.start(work(std::move(request)));
      }
      break;
    case Incoming::Kind::kCancel:
      if (known != jobs_.end()) known->second->cancel();
      break;
    case Incoming::Kind::kNodeCount:
      log_.debug("the relay counts its nodes", {{"nodes", incoming.count}});
      break;
    case Incoming::Kind::kOther:
      log_.debug("a message was not understood, and ignored");
      break;
  }
}

std::string_view Session::refusal(const Request& request) const {
  if (draining_) return "this node is leaving";
  const bool full =
      jobs_.size() >= means_.options.most_requests || !held_.has_room(request.message->size());
  return full ? "this node has as many requests as it takes" : "";
}

Task<> Session::work(Request request) {
  const auto started = std::chrono::steady_clock::now();
  Job job(means_, *wire_, held_, std::move(request));
  jobs_.emplace(job.id(), &job);
  co_await job.run();
  jobs_.erase(job.id());
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - started);
  log_.debug("request", {{"id", job.id()}, {"status", job.status()}, {"ms", took.count()}});
}

Task<> Session::refuse(std::string message) { (void)co_await wire_->send(std::move(message)); }

void Session::drain() {
  draining_ = true;
  log_.info("leaving the relay", {{"running", jobs_.size()}});
  if (!connected() || scope_.empty()) stop_reading_.request();
}

void Session::abort() {
  aborting_ = true;
  // A cancelled job may end at once and take itself off the list.
  std::vector<std::string> ids;
  ids.reserve(jobs_.size());
  for (const auto& [id, job] : jobs_) ids.push_back(id);
  for (const std::string& id : ids) {
    if (const auto job = jobs_.find(id); job != jobs_.end()) job->second->cancel();
  }
  aborting_ = false;
  // Last, since it may end the session.
  if (draining_) stop_reading_.request();
}

Task<> Session::jobs_ended() {
  struct AllEnded {
    Session& session;
    bool await_ready() const { return session.scope_.empty(); }
    void await_suspend(std::coroutine_handle<> handle) { session.waiting_ = handle; }
    void await_resume() const {}
  };
  co_await AllEnded{*this};
}

// Not at once: the scope is still in use when it tells of its task's end.
void Session::job_ended(void* self) {
  auto& session = *static_cast<Session*>(self);
  if (!session.scope_.empty()) return;
  net::Loop& loop = session.means_.loop;
  if (session.waiting_) {
    loop.post([handle = std::exchange(session.waiting_, nullptr)] { handle.resume(); });
  } else if (session.draining_ && !session.aborting_) {
    session.stop_reading_.request();
  }
}

}  // namespace wasat::node
