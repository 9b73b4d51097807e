#include "http/server.h"

#include "http/h1_server_connection.h"

namespace wasat::http {

Server::Server(net::Loop& loop, Handler& handler, ServerOptions options)
    : loop_(loop), handler_(handler), options_(options) {}

Server::~Server() = default;

void Server::serve(net::Socket socket, std::string peer) {
  scope_.start(run(std::move(socket), std::move(peer)));
}

Task<> Server::run(net::Socket socket, std::string peer) {
  H1ServerConnection connection(*this, std::move(socket), std::move(peer));
  connections_.insert(&connection);
  if (draining_) connection.drain();
  co_await connection.run();
  connections_.erase(&connection);
}

void Server::drain() {
  draining_ = true;
  // Connections leave the set while they close.
  const std::vector<H1ServerConnection*> open(connections_.begin(), connections_.end());
  for (H1ServerConnection* connection : open) {
    if (connections_.contains(connection)) connection->drain();
  }
}

void Server::abort_all() {
  const std::vector<H1ServerConnection*> open(connections_.begin(), connections_.end());
  for (H1ServerConnection* connection : open) {
    if (connections_.contains(connection)) connection->abort();
  }
}

}  // namespace wasat::http
