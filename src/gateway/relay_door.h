// RelayDoor: where relay nodes come in, from the upgrade to the end of their connection.
//
// Lives in the frame of its handler, on one worker. A node presents its token with the
// handshake (node_token.h). Browsers show a page nothing of a handshake that failed, so that
// who is not let in is told by a close frame.

#pragma once

#include <optional>
#include <string>

#include "gateway/route.h"
#include "gateway/shared.h"
#include "relay/node.h"
#include "ws/connection.h"

namespace wasat::gateway {

class RelayDoor {
 public:
  RelayDoor(const Shared& shared, Worker& worker, Route route, http::ServerRequest& request,
            http::ServerResponse& response)
      : shared_(shared),
        worker_(worker),
        route_(std::move(route)),
        request_(request),
        response_(response) {}

  Task<> run();

 private:
  // What the handshake says.
  struct Knock {
    std::string token;
    std::string name;
    std::string address;
  };
  WASAT_OWN_FRAME Task<bool> open(Knock& knock);
  WASAT_OWN_FRAME Task<> refuse(const Error& error);
  WASAT_OWN_FRAME Task<> turn_away(const Error& error);
  Result<std::shared_ptr<relay::NodeSeat>> let_in(const Knock& knock, std::string protocol);
  std::unique_ptr<relay::Protocol> protocol() const;

  const Shared& shared_;
  Worker& worker_;
  const Route route_;
  http::ServerRequest& request_;
  http::ServerResponse& response_;
  std::shared_ptr<const relay::Options> options_;
  std::optional<ws::Connection> connection_;
  Cancel* going_away_ = nullptr;
};

}  // namespace wasat::gateway
