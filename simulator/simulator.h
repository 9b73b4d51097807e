// Simulator: a Gemini API that needs no network, as an HTTP handler.
//
// Answers follow from the seed and the request alone. Faults come by key, by
// model and by the rules given to POST /simulator/faults (README.md). One
// Simulator per worker; they share one State. Bounded in memory.

#pragma once

#include "http/message.h"
#include "net/loop.h"
#include "simulator/state.h"
#include "ws/masks.h"

namespace wasat::simulator {

class Simulator final : public http::Handler {
 public:
  // Both must outlive the simulator.
  Simulator(net::Loop& loop, State& state) : loop_(loop), state_(state) {}

  Task<> handle(http::ServerRequest& request, http::ServerResponse& response) override;
  std::string refusal(const Error& error, std::string_view target) override;

 private:
  Task<> control(http::ServerRequest& request, http::ServerResponse& response);
  Task<> answer(http::ServerRequest& request, http::ServerResponse& response);
  Task<> preflight(http::ServerRequest& request, http::ServerResponse& response);
  Task<> live(http::ServerRequest& request, http::ServerResponse& response);

  net::Loop& loop_;
  State& state_;
  ws::Masks masks_;
};

}  // namespace wasat::simulator
