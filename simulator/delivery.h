// Puts an Outcome on the wire, with the faults that happen there.

#pragma once

#include <optional>

#include "base/task.h"
#include "http/message.h"
#include "net/loop.h"
#include "simulator/outcome.h"
#include "simulator/state.h"

namespace wasat::simulator {

class Delivery {
 public:
  // All references outlive the delivery.
  Delivery(net::Loop& loop, const Options& options, http::ServerRequest& request,
           http::ServerResponse& response, dialect::native::Framing framing)
      : loop_(loop), options_(options), request_(request), response_(response), framing_(framing) {}

  // How it ended; when the connection was cut on purpose: kCut.
  Task<State::Ending> deliver(Outcome outcome, std::optional<Strike> strike);

 private:
  Task<State::Ending> whole(Outcome outcome);
  Task<State::Ending> frames(Outcome outcome, std::optional<Strike> strike);
  Task<State::Ending> broken(Outcome outcome, bool cleanly);
  Task<State::Ending> drip(Outcome outcome);
  Task<State::Ending> huge(std::size_t bytes);
  // false: the client left.
  Task<bool> pause(std::chrono::milliseconds duration);
  void start(const Outcome& outcome);
  State::Ending ending(bool written) const;

  net::Loop& loop_;
  const Options& options_;
  http::ServerRequest& request_;
  http::ServerResponse& response_;
  dialect::native::Framing framing_;
};

}  // namespace wasat::simulator
