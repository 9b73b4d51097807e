#include "admin/event_stream.h"

#include <charconv>
#include <map>

#include "admin/context.h"
#include "admin/write_json.h"
#include "gateway/shared.h"
#include "http/server.h"
#include "net/loop.h"

namespace wasat::admin {
namespace {

using namespace std::chrono_literals;
using observe::LabelValues;
using observe::Metric;

constexpr auto kLook = 250ms;  // how long an event may wait
constexpr auto kSecond = 1s;   // between two summaries
constexpr auto kHeartbeat = 15s;

void append_event(std::string& out, std::uint64_t number, std::string_view kind,
                  std::string_view data) {
  if (number != 0) out.append("id: ").append(std::to_string(number)).append("\n");
  out.append("event: ").append(kind).append("\ndata: ").append(data).append("\n\n");
}

// What one listener has been told of, to tell what is new. On the listener's worker, but for
// look_at_jobs(), which is on the admin thread.
class Watcher {
 public:
  explicit Watcher(Context& context) : context_(context), calls_(count()) {}

  void look_at_calls(std::string& out) {
    const Calls now = count();
    const std::uint64_t ended = now.ended - calls_.ended;
    if (ended > 0 || now.in_flight != calls_.in_flight) {
      std::string data;
      json::Writer(data)
          .begin_object()
          .member("ended", static_cast<std::int64_t>(ended))
          .member("failed", static_cast<std::int64_t>(now.failed - calls_.failed))
          .member("in_flight", now.in_flight)
          .end_object();
      append_event(out, 0, "calls", data);
    }
    calls_ = now;
  }

  void look_at_stores(std::string& out) {
    look_at_store(out, "store", context_.store.status(), store_problem_);
    look_at_store(out, "ledger", context_.watched.ledger.status(), ledger_problem_);
  }

  void look_at_jobs(std::string& out) {
    for (const std::shared_ptr<Job>& job : context_.jobs.all()) {
      std::string& told = jobs_[job->id];
      std::string now =
          std::to_string(static_cast<int>(job->state)) + "/" + std::to_string(job->done);
      const bool is_old = told.empty() && job->state != Job::State::kRunning;
      if (told == now) continue;
      told = std::move(now);
      if (is_old) continue;
      std::string data;
      json::Writer writer(data);
      write_job(writer, *job);
      if (data.size() <= EventHub::kMostBytes) append_event(out, 0, "job", data);
    }
  }

 private:
  struct Calls {
    std::uint64_t ended = 0;
    std::uint64_t failed = 0;
    std::int64_t in_flight = 0;
  };

  Calls count() const {
    const observe::Metrics& metrics = context_.watched.metrics;
    Calls calls;
    metrics.each(Metric::kRequests, [&](const LabelValues& values, std::uint64_t value) {
      calls.ended += value;
      if (values[observe::kOutcomePlace] != observe::kOutcomeOk) calls.failed += value;
    });
    metrics.each(Metric::kRequestsInFlight, [&](const LabelValues&, std::uint64_t value) {
      calls.in_flight += static_cast<std::int64_t>(value);
    });
    return calls;
  }

  static void look_at_store(std::string& out, std::string_view which, const store::Status& status,
                            std::string& told) {
    if (status.problem == told) return;
    told = status.problem;
    std::string data;
    json::Writer writer(data);
    writer.begin_object().member("store", which).member("healthy", status.healthy);
    text_or_null(writer, "problem", status.problem);
    writer.member("dropped", static_cast<std::int64_t>(status.dropped)).end_object();
    append_event(out, 0, "store", data);
  }

  Context& context_;
  Calls calls_;
  std::string store_problem_;
  std::string ledger_problem_;
  std::map<std::string, std::string> jobs_;
};

void go_on(EventHub::Listener& listener, std::string_view last_id) {
  std::uint64_t number = 0;
  const char* end = last_id.data() + last_id.size();
  const auto read = std::from_chars(last_id.data(), end, number);
  if (!last_id.empty() && read.ec == std::errc() && read.ptr == end) {
    listener.go_on_after(number);
  }
}

Task<> refuse_listener(http::ServerResponse& response) {
  const Refusal refusal{.status = 503,
                        .code = "busy",
                        .message = "too many listen to events already",
                        .retry_after = 10s};
  const std::string body = refusal_body(refusal);
  const std::array<http::Header, 2> headers{http::Header{"Content-Type", "application/json"},
                                            http::Header{"Retry-After", "10"}};
  (void)co_await response.send(refusal.status, headers, body);
}

Task<> stream_events(Context& context, Call& call, gateway::Worker& worker,
                     http::ServerRequest& request, http::ServerResponse& response) {
  EventHub::Listener listener(context.watched.events);
  if (listener.refused()) co_return co_await refuse_listener(response);
  go_on(listener, request.header("last-event-id"));
  // The end of the (empty) body: from then on the client's departure is noticed.
  const auto body = co_await request.read_body({.wire_bytes = 1024, .decoded_bytes = 1024});
  if (!body) co_return;

  const std::array<http::Header, 4> headers{
      http::Header{"Content-Type", "text/event-stream"}, http::Header{"Cache-Control", "no-store"},
      http::Header{"X-Accel-Buffering", "no"}, http::Header{"X-Content-Type-Options", "nosniff"}};
  response.start(200, headers);
  Watcher watcher(context);
  std::vector<Event> events;
  std::string out(": listening\n\n");
  Clock::Steady written = context.clock.now();
  Clock::Steady looked{};
  bool complete = true;
  while (complete && !context.watched.draining && !request.departed().requested()) {
    complete = listener.take(events);
    for (const Event& event : events) append_event(out, event.number, event.kind, event.data);
    const Clock::Steady now = context.clock.now();
    if (now - looked >= kSecond) {
      looked = now;
      if (!context.sessions.find(call.session_token, context.options.get()->sessions)) break;
      watcher.look_at_calls(out);
      watcher.look_at_stores(out);
      auto work = [&] { watcher.look_at_jobs(out); };
      co_await context.thread.run(worker.loop, std::move(work));
    }
    if (!complete) out.append("event: lost\ndata: {}\n\n");
    if (out.empty() && now - written >= kHeartbeat) out.append(": \n\n");
    if (!out.empty()) {
      const Result<> taken = co_await response.write(out);
      if (!taken) co_return;
      out.clear();
      written = now;
    }
    if (complete) (void)co_await net::sleep_for(worker.loop, kLook, &request.departed());
  }
  (void)co_await response.finish();
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/events", .stream = stream_events},
};

}  // namespace

std::span<const Route> event_routes() { return kRoutes; }

}  // namespace wasat::admin
