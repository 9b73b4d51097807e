#include "app/worker_thread.h"

#include "app/signals.h"
#include "gateway/health_round.h"

namespace wasat::app {

WorkerThread::WorkerThread(Parts parts)
    : parts_(std::move(parts)),
      client_(loop_, parts_.tls, parts_.client),
      worker_{.loop = loop_,
              .client = client_,
              .log = parts_.log,
              .metrics = parts_.shared.metrics.shard(parts_.number),
              .lane = parts_.number,
              .random = Random::from_system(),
              .seat = pool::Seat(parts_.shared.pool, &loop_, Random::from_system()),
              .hedges = {},
              .tokens = Snapshot<account::TokenTable>::Reader(parts_.shared.tokens),
              .options = Snapshot<gateway::Options>::Reader(parts_.shared.options),
              .aliases = Snapshot<gemini::ModelAliases>::Reader(parts_.shared.aliases),
              .prices = account::PriceBook(parts_.shared.prices),
              .background = background_},
      gateway_(parts_.shared, worker_),
      media_purge_(loop_, parts_.shared.compute, parts_.shared.media),
      server_(loop_, gateway_, parts_.server) {
  const auto on_end = [](void* self) { static_cast<WorkerThread*>(self)->check_drained(); };
  server_.scope().on_end(on_end, this);
  accepting_.on_end(on_end, this);
  health_.on_end(on_end, this);
  background_.scope().on_end(on_end, this);
}

WorkerThread::~WorkerThread() {
  loop_.stop();
  if (thread_.joinable()) thread_.join();
}

void WorkerThread::start(int listening_fd) {
  listener_ = std::make_unique<net::Listener>(loop_, listening_fd,
                                              [this](net::Socket socket, std::string peer) {
                                                server_.serve(std::move(socket), std::move(peer));
                                              });
  thread_ = std::thread([this] {
    block_signals();
    loop_.post([this] {
      listener_->start(accepting_);
      if (parts_.number != 0) return;
      health_.start(parts_.shared.health.run(parts_.shared, worker_, stop_health_));
      media_purge_.start(parts_.shared.media.purge_interval());
    });
    loop_.run();
  });
}

void WorkerThread::drain() {
  loop_.post([this] {
    draining_ = true;
    listener_->stop();
    server_.drain();
    stop_health_.request();
    background_.stop();
    check_drained();
  });
}

void WorkerThread::abort() {
  loop_.post([this] { server_.abort_all(); });
}

void WorkerThread::configure(const http::ServerOptions& server, const http::ClientOptions& client) {
  loop_.post([this, server, client] {
    server_.configure(server);
    client_.configure(client);
  });
}

void WorkerThread::close_idle() {
  loop_.post([this] { client_.close_idle(); });
}

void WorkerThread::check_drained() {
  if (!draining_ || !server_.scope().empty() || !accepting_.empty() || !health_.empty() ||
      !background_.scope().empty()) {
    return;
  }
  draining_ = false;
  client_.close_idle();
  parts_.drained();
}

}  // namespace wasat::app
