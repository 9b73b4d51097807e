#include "gateway/relay_door.h"

#include <array>

#include "gateway/admit.h"
#include "gateway/node_token.h"
#include "gemini/error_body.h"
#include "gemini/redact.h"
#include "ws/handshake.h"

namespace wasat::gateway {
namespace {

std::string node_name(const http::ServerRequest& request) {
  std::string name = query_parameter(request.query, "name");
  if (!name.empty()) return name;
  const std::string index = query_parameter(request.query, "authIndex");
  return index.empty() ? std::string() : "account-" + index;
}

std::uint16_t close_code(ErrorKind kind) {
  return kind == ErrorKind::kRateLimited || kind == ErrorKind::kUnavailable ? ws::kTryAgainLater
                                                                            : ws::kPolicyViolation;
}

}  // namespace

Task<> RelayDoor::run() {
  options_ = shared_.hub.options();
  Knock knock;
  if (!co_await open(knock)) co_return;
  std::unique_ptr<relay::Protocol> spoken = protocol();
  Result<std::shared_ptr<relay::NodeSeat>> seat = let_in(knock, std::string(spoken->name()));
  if (!seat) co_return co_await turn_away(seat.error());
  knock = {};
  relay::Node node({.hub = shared_.hub,
                    .seat = std::move(*seat),
                    .connection = *connection_,
                    .protocol = std::move(spoken),
                    .loop = worker_.loop,
                    .clock = shared_.clock,
                    .options = std::move(options_),
                    .going_away = *going_away_,
                    .cut = request_.departed()});
  co_await node.run();
}

Task<bool> RelayDoor::open(Knock& knock) {
  const Result<ws::Accepted> accepted = ws::check_request(request_);
  if (!accepted) {
    co_await refuse(accepted.error());
    co_return false;
  }
  if (shared_.draining) {
    const Error error =
        internal_error("this server is closing; try again", ErrorKind::kUnavailable);
    co_await refuse(error);
    co_return false;
  }
  knock = {.token = presented_node_token(request_, accepted->protocols),
           .name = node_name(request_),
           .address = client_address(request_, worker_.options.get()->trusted_proxies)};
  std::vector<http::Header> fields = {{"Sec-WebSocket-Accept", accepted->accept}};
  const std::string_view protocol = chosen_subprotocol(accepted->protocols);
  if (!protocol.empty()) fields.push_back({"Sec-WebSocket-Protocol", protocol});
  Result<http::Upgraded> upgraded = co_await response_.upgrade("websocket", fields);
  if (!upgraded) co_return false;
  const ws::ConnectionOptions options{.max_message = options_->most_message,
                                      .ping_after = options_->ping_interval,
                                      .idle_timeout = 2 * options_->ping_interval};
  connection_.emplace(ws::Role::kServer, upgraded->stream, std::move(upgraded->input),
                      worker_.masks, options);
  going_away_ = &upgraded->going_away;
  co_return true;
}

Result<std::shared_ptr<relay::NodeSeat>> RelayDoor::let_in(const Knock& knock,
                                                           std::string protocol) {
  Result<relay::Admitted> admitted = shared_.node_admission.admit(knock.token, knock.address);
  if (!admitted) return fail(std::move(admitted.error()));
  return shared_.hub.join({.name = knock.name,
                           .protocol = std::move(protocol),
                           .address = knock.address,
                           .admitted = std::move(*admitted),
                           .loop = worker_.loop,
                           .worker = worker_.lane});
}

std::unique_ptr<relay::Protocol> RelayDoor::protocol() const {
  if (route_.path == "/v1/ws") return relay::make_envelope_protocol();
  if (route_.path == "/ws/events") return relay::make_event_protocol();
  return relay::make_applet_protocol();
}

// Before the upgrade.
Task<> RelayDoor::refuse(const Error& error) {
  const int status =
      error.kind == ErrorKind::kUnsupported ? 426 : wasat::error_code(error.kind).status;
  std::vector<http::Header> fields = {{"Content-Type", "application/json"}};
  if (status == 426) {
    fields.push_back({"Upgrade", "websocket"});
    fields.push_back({"Sec-WebSocket-Version", "13"});
  }
  if (status == 405) fields.push_back({"Allow", "GET"});
  const std::string body = gemini::error_body(error);
  (void)co_await response_.send(status, fields, body);
}

// Behind it.
Task<> RelayDoor::turn_away(const Error& error) {
  const std::string reason = gemini::redacted(error.detail, ws::kMostReason);
  co_await connection_->close(close_code(error.kind), reason);
}

}  // namespace wasat::gateway
