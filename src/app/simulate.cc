#include "app/simulate.h"

#include <unistd.h>

#include <iostream>

#include "app/signals.h"

namespace wasat::app {

Result<std::unique_ptr<SimulatorServer>> SimulatorServer::start(const std::string& host,
                                                                std::uint16_t port,
                                                                simulator::Options options) {
  const Result<int> fd = net::open_listening_socket(host, port);
  if (!fd) return fail(fd.error());
  return std::unique_ptr<SimulatorServer>(new SimulatorServer(*fd, std::move(options)));
}

SimulatorServer::SimulatorServer(int listening_fd, simulator::Options options)
    : listening_fd_(listening_fd),
      port_(net::local_port(listening_fd)),
      state_(std::move(options)),
      simulator_(loop_, state_),
      server_(loop_, simulator_, {}),
      listener_(loop_, listening_fd, [this](net::Socket socket, std::string peer) {
        server_.serve(std::move(socket), std::move(peer));
      }) {
  thread_ = std::thread([this] {
    block_signals();
    loop_.post([this] { listener_.start(accepting_); });
    loop_.run();
  });
}

SimulatorServer::~SimulatorServer() {
  loop_.post([this] {
    listener_.stop();
    server_.drain();
    server_.abort_all();
  });
  loop_.stop();
  thread_.join();
  // What was cut ends within a few turns.
  while (!server_.scope().empty() || !accepting_.empty()) {
    server_.abort_all();
    loop_.run_ready();
  }
  ::close(listening_fd_);
}

int simulate(const std::string& host, std::uint16_t port, simulator::Options options) {
  block_signals();
  const auto server = SimulatorServer::start(host, port, std::move(options));
  if (!server) {
    std::cerr << "wasat: " << server.error().detail << "\n";
    return 1;
  }
  std::cout << "wasat: simulating Gemini on http://" << host << ":" << (*server)->port()
            << std::endl;
  while (wait_for_signal() == Signal::kReload) {
  }
  return 0;
}

}  // namespace wasat::app
