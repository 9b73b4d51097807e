// One Live session of the simulated API (ai.google.dev/api/live): setup, then turns of
// text, sound or function calls, until either side closes. Messages go out as binary
// frames that hold JSON, as Google's do.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/answer.h"
#include "simulator/state.h"
#include "simulator/text.h"
#include "ws/connection.h"

namespace wasat::simulator {

class LiveSession {
 public:
  // `method`: "BidiGenerateContent" or "BidiGenerateMusic"; `key`: the caller's, whose own its
  // handles are. All references outlive it.
  LiveSession(net::Loop& loop, ws::Connection& connection, const Options& options,
              std::string_view method, std::string_view key, std::optional<Strike> strike,
              Cancel& departed)
      : loop_(loop),
        connection_(connection),
        options_(options),
        method_(method),
        handles_("handle-" + std::to_string(hash(key, 0)) + "-"),
        strike_(strike),
        departed_(departed) {}

  Task<State::Ending> run();

 private:
  // Answers to one message, in order; `close` ends the session behind them.
  struct Reply {
    std::vector<std::string> messages;
    std::optional<ws::Close> close;
  };
  Reply reply(PaddedView message);
  Reply set_up(json::Value setup);
  void take_content(json::Value content, Reply& out);
  void take_input(json::Value input, Reply& out);
  void take_tool_response(json::Value response, Reply& out);
  void play(Reply& out) const;
  void answer(Reply& out);
  void add_pieces(const Answer& answer, Reply& out);
  std::string conversation() const;

  Task<bool> send(std::string message);
  Task<bool> pause(std::chrono::milliseconds time);
  Task<State::Ending> speak(Reply reply);

  net::Loop& loop_;
  ws::Connection& connection_;
  const Options& options_;
  const std::string method_;
  const std::string handles_;  // what they begin with
  const std::optional<Strike> strike_;
  Cancel& departed_;
  Cancel gone_;  // the client, while nobody reads

  bool ready_ = false;
  bool resumable_ = false;
  bool transcribe_ = false;
  bool sound_ = false;  // what the client wants to hear
  std::string model_;
  std::string generation_;  // of the setup, as JSON
  std::string tools_;
  std::vector<std::string> contents_;  // as JSON
  std::size_t heard_ = 0;              // bytes of sound since the last turn
  int turns_ = 0;
  int calls_ = 0;
};

}  // namespace wasat::simulator
