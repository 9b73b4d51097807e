// Node: one node's connection, from its joining to its last frame.
//
// Reads what the node says and hands it to the errands that it concerns; sends it what it is
// asked. Belongs to its worker and lives in the frame of the handler whose request was
// upgraded; ends when run() returns. Other workers reach it by its seat.

#pragma once

#include <coroutine>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/task.h"
#include "relay/flood.h"
#include "relay/hub.h"
#include "relay/protocol.h"
#include "ws/connection.h"

namespace wasat::relay {

class Node final : private NodeEnd, private NodeEvents {
 public:
  struct Parts {
    Hub& hub;
    std::shared_ptr<NodeSeat> seat;
    ws::Connection& connection;
    std::unique_ptr<Protocol> protocol;
    net::Loop& loop;
    const Clock& clock;
    std::shared_ptr<const Options> options;
    Cancel& going_away;  // the server drains
    Cancel& cut;         // it cuts what is left
  };
  explicit Node(Parts parts);
  ~Node() override;

  // Until the connection has ended.
  Task<> run();

 private:
  struct Running {
    std::shared_ptr<Errand> errand;
    bool sent = false;
    // Since when its reader is too far behind; zero: it is not.
    Clock::Steady behind_since;
  };
  using Errands = std::map<std::string, Running, std::less<>>;
  // What goes out: a text, or an errand's message.
  struct Outgoing {
    std::string text;
    std::shared_ptr<Errand> errand;
  };
  class Hook final : public Cancel::Hook {
   public:
    Hook(Node& node, void (Node::*what)()) : node_(node), what_(what) {}
    void cancelled() override { (node_.*what_)(); }

   private:
    Node& node_;
    void (Node::* const what_)();
  };
  struct Stall;

  // NodeEnd
  void take(std::shared_ptr<Errand> errand) override;
  void forget(const std::shared_ptr<Errand>& errand) override;
  void look_again() override;
  void tell_count(std::size_t nodes) override;
  void drain() override;
  void close(std::uint16_t code, std::string_view reason) override;
  void go_on() override;

  // NodeEvents
  void began(std::string_view id, const Head& head) override;
  void piece(std::string_view id, std::string_view bytes, bool last) override;
  void ended(std::string_view id) override;
  void failed(std::string_view id, const Failure& failure) override;
  void reply(std::string_view message) override;
  void misunderstood(std::string_view why) override;

  WASAT_OWN_FRAME Task<> read_all();
  WASAT_OWN_FRAME Task<> part();
  void read(const ws::Piece& piece);
  void read_failed(const Error& error);
  bool stalls();
  void leave();
  void cut();
  void go_on_soon();
  Running* find(std::string_view id);
  void finish(std::string_view id, bool served);
  void mind_reader(std::string_view id, Running& running, std::size_t waiting);

  // node_write.cc
  void send(Outgoing outgoing);
  Task<> write_all();
  WASAT_OWN_FRAME Task<Result<>> write_errand(const std::shared_ptr<Errand>& errand);
  static void writer_ended(void* self);

  const Parts parts_;
  Protocol& protocol_;
  ws::Connection& connection_;
  NodeSeat::Counts& counts_;
  Errands running_;
  Flood flood_;
  Hook going_away_hook_;
  Hook cut_hook_;
  Cancel stop_;                      // ends what read_all() waits for
  std::coroutine_handle<> stalled_;  // read_all(), while it does not read
  std::optional<ws::Close> close_;   // how we end it
  std::string_view why_;             // it ended, when it was not we who ended it
  bool broken_ = false;              // no close can follow
  bool draining_ = false;
  bool left_ = false;

  std::vector<Outgoing> outgoing_;
  std::size_t replies_ = 0;  // among them
  bool writing_ = false;
  Cancel stop_writing_;
  TaskScope writer_;
  std::coroutine_handle<> waits_for_writer_;
};

}  // namespace wasat::relay
