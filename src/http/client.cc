#include "http/client.h"

#include "http/h1_client_stream.h"

namespace wasat::http {

Client::Client(net::Loop& loop, net::TlsContext& tls, ClientOptions options,
               std::unique_ptr<net::Resolver> resolver)
    : loop_(loop),
      connector_(loop, tls, std::move(resolver)),
      pool_(std::make_shared<Pool>(loop, options)) {}

Client::~Client() = default;

std::size_t Client::idle_connections() const { return pool_->size(); }
void Client::close_idle() { pool_->clear(); }
void Client::configure(const ClientOptions& options) { pool_->options = options; }

Task<Result<std::unique_ptr<ClientStream>>> Client::send(const Upstream& upstream,
                                                         ClientRequest request,
                                                         net::TimePoint deadline, Cancel* cancel) {
  // Of what a stranger chose nothing is kept.
  Pool::Shelf* const shelf = upstream.rules == nullptr ? &pool_->shelf(upstream) : nullptr;
  const std::string authority = shelf == nullptr ? upstream.origin.authority() : std::string();
  bool fresh = false;
  for (;;) {
    // What cannot be repeated does not go over a connection that may be dying.
    const bool kept =
        !fresh && request.source == nullptr && request.upgrade.empty() && shelf != nullptr;
    Connection connection = kept ? Pool::take(*shelf) : Connection{};
    if (!connection.stream) {
      const net::TimePoint now = std::chrono::steady_clock::now();
      bool by_proxy = false;
      Result<net::Stream> stream = co_await connector_.connect(
          upstream.origin, upstream.proxy ? &*upstream.proxy : nullptr, upstream.rules,
          std::min(deadline, now + pool_->options.connect_timeout), cancel, &by_proxy);
      if (request.watch != nullptr && upstream.proxy) {
        if (by_proxy) request.watch->failed(*upstream.proxy, stream.error());
        if (stream) request.watch->worked(*upstream.proxy);
      }
      if (!stream) co_return fail(stream.error());
      connection = {.stream = std::move(*stream), .opened = now};
    }
    const bool reused = connection.reused;
    auto stream = std::make_unique<H1ClientStream>(loop_, pool_, shelf, std::move(connection),
                                                   pool_->options.max_head, cancel);
    const std::string_view host = shelf != nullptr ? shelf->authority : authority;
    Result<> answered = co_await stream->exchange_heads(host, request, deadline);
    if (answered) co_return std::move(stream);
    // The upstream closed an idle connection just when we took it: nobody's fault.
    if (reused && request.source == nullptr && stream->unanswered() &&
        answered.error().kind == ErrorKind::kUpstreamFailed) {
      fresh = true;
      continue;
    }
    co_return fail(std::move(answered.error()));
  }
}

}  // namespace wasat::http
