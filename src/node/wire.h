// Wire: messages of many jobs to the relay, over one WebSocket.
//
// A message goes out whole before the next one begins, in the order in which they were
// given; whoever sends waits until the kernel has taken it, so that a job does not read
// from Gemini what the relay does not take. Belongs to one loop.

#pragma once

#include <coroutine>
#include <deque>
#include <string>

#include "ws/connection.h"

namespace wasat::node {

class Wire {
 public:
  explicit Wire(ws::Connection& connection) : connection_(connection) {}
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // The connection takes nothing any more: everybody who waits goes on, with an error.
  void cut() { cut_.request(); }

  // A text message.
  Task<Result<>> send(std::string message);
  // A text message of three parts, of which `body` stays where it is.
  Task<Result<>> send(std::string head, std::string_view body, std::string_view tail);

 private:
  // One sender at a time, first come, first served.
  class Turn {
   public:
    explicit Turn(Wire& wire) : wire_(wire) {}
    bool await_ready() const { return !std::exchange(wire_.taken_, true); }
    void await_suspend(std::coroutine_handle<> handle) { wire_.waiting_.push_back(handle); }
    void await_resume() const {}

   private:
    Wire& wire_;
  };
  Turn turn() { return Turn(*this); }
  void pass_on();
  Task<Result<>> write(std::span<char> bytes, bool first, bool last);
  Task<Result<>> write_body(std::string_view body);

  ws::Connection& connection_;
  Cancel cut_;
  bool taken_ = false;
  std::deque<std::coroutine_handle<>> waiting_;
};

}  // namespace wasat::node
