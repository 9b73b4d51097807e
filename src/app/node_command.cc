#include "app/node_command.h"

#include <future>
#include <iostream>
#include <thread>

#include "app/node_options.h"
#include "app/signals.h"
#include "node/node.h"

namespace wasat::app {
namespace {

// A node on a loop and a thread of its own, from construction to destruction.
class NodeThread {
 public:
  NodeThread(const node::Options& options, net::TlsContext& tls, observe::Log& log)
      : client_(loop_, tls, {.connect_timeout = options.connect_timeout}),
        node_({.loop = loop_, .client = client_, .compute = compute_, .options = options}, masks_,
              log, Random::from_system()) {
    thread_ = std::thread([this] {
      block_signals();
      loop_.post([this] { scope_.start(run()); });
      loop_.run();
    });
  }
  NodeThread(const NodeThread&) = delete;
  NodeThread& operator=(const NodeThread&) = delete;
  ~NodeThread() {
    loop_.stop();
    thread_.join();
  }

  bool ended(std::chrono::milliseconds at_most) {
    return result_.wait_for(at_most) == std::future_status::ready;
  }
  Result<> result() { return result_.get(); }
  void stop() {
    loop_.post([this] { node_.stop(); });
  }
  void abort() {
    loop_.post([this] { node_.abort(); });
  }

 private:
  Task<> run() {
    Result<> result = co_await node_.run();
    client_.close_idle();
    done_.set_value(std::move(result));
  }

  net::Loop loop_;
  net::Compute compute_;
  http::Client client_;
  ws::Masks masks_;
  node::Node node_;
  TaskScope scope_;
  std::promise<Result<>> done_;
  std::future<Result<>> result_ = done_.get_future();
  std::thread thread_;
};

void stop(NodeThread& node, std::chrono::seconds patience) {
  node.stop();
  const auto give_up = std::chrono::steady_clock::now() + patience;
  while (!node.ended(std::chrono::milliseconds(20))) {
    const bool again = wait_for_signal(std::chrono::milliseconds(1)) == Signal::kStop;
    if (!again && std::chrono::steady_clock::now() <= give_up) continue;
    node.abort();
    node.ended(std::chrono::seconds(5));
    return;
  }
}

}  // namespace

int run_node(NodeCommand command) {
  block_signals();
  const Result<NodeSetup> setup = read_node_options(command);
  if (!setup) {
    std::cerr << "wasat: " << setup.error().detail << "\n";
    return 2;
  }
  for (const std::string& reminder : setup->reminders) std::cerr << "wasat: " << reminder << "\n";
  const Result<std::unique_ptr<net::TlsContext>> tls = net::TlsContext::create("");
  if (!tls) {
    std::cerr << "wasat: " << tls.error().detail << "\n";
    return 2;
  }
  observe::Log log(observe::level_of(setup->settings.log_level),
                   setup->settings.log_format == "json" ? observe::Log::Format::kJson
                                                        : observe::Log::Format::kText);
  NodeThread node(setup->options, **tls, log);
  std::cout << "wasat: a node of " << command.relay << std::endl;
  while (!node.ended(std::chrono::milliseconds(0))) {
    if (wait_for_signal(std::chrono::milliseconds(200)) != Signal::kStop) continue;
    stop(node, std::chrono::seconds(command.drain_seconds));
    return 0;
  }
  if (const Result<> result = node.result(); !result) {
    std::cerr << "wasat: " << result.error().detail
              << ". Is the address right, and the node token?\n";
    return 1;
  }
  return 0;
}

}  // namespace wasat::app
