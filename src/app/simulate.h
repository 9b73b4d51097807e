// The simulator as a server: `wasat simulate`, and the upstream of the demo.

#pragma once

#include <memory>
#include <string>
#include <thread>

#include "http/server.h"
#include "net/listener.h"
#include "simulator/simulator.h"

namespace wasat::app {

// Serves on a thread of its own from construction to destruction.
class SimulatorServer {
 public:
  static Result<std::unique_ptr<SimulatorServer>> start(const std::string& host, std::uint16_t port,
                                                        simulator::Options options);
  ~SimulatorServer();

  std::uint16_t port() const { return port_; }

 private:
  SimulatorServer(int listening_fd, simulator::Options options);

  int listening_fd_;
  std::uint16_t port_;
  net::Loop loop_;
  simulator::State state_;
  simulator::Simulator simulator_;
  http::Server server_;
  TaskScope accepting_;
  net::Listener listener_;
  std::thread thread_;
};

// Runs until SIGINT or SIGTERM; returns the exit code.
int simulate(const std::string& host, std::uint16_t port, simulator::Options options);

}  // namespace wasat::app
