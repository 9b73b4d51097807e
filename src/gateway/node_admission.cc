#include "gateway/node_admission.h"

namespace wasat::gateway {
namespace {

Error no_token() {
  return client_error(ErrorKind::kUnauthenticated,
                      "a relay node needs a token: ?token=TOKEN, the subprotocols wasat.relay and "
                      "wasat.token.TOKEN, or Authorization: Bearer TOKEN");
}

}  // namespace

Result<relay::Admitted> NodeAdmission::admit(std::string_view token, std::string_view) {
  if (token.empty()) {
    if (options_.get()->relay_open) return relay::Admitted{};
    return fail(no_token());
  }
  const std::shared_ptr<const account::Token> found = tokens_.get()->find(token);
  if (found == nullptr) {
    return fail(client_error(ErrorKind::kUnauthenticated, "this node token is not known here"));
  }
  if (Result<> good = check(*found); !good) return fail(std::move(good.error()));
  return relay::Admitted{.token_id = found->id};
}

Result<> NodeAdmission::may_stay(std::string_view token_id) const {
  if (token_id.empty()) {
    if (options_.get()->relay_open) return {};
    return fail(no_token());
  }
  const std::shared_ptr<const account::Token> found = tokens_.get()->find_id(token_id);
  if (found == nullptr) {
    return fail(client_error(ErrorKind::kUnauthenticated, "this node's token is gone"));
  }
  return check(*found);
}

Result<> NodeAdmission::check(const account::Token& token) const {
  if (token.kind != account::TokenKind::kRelay) {
    return fail(client_error(ErrorKind::kPermissionDenied,
                             "this token is for clients; a relay node needs one of its own kind"));
  }
  return token.check(clock_);
}

}  // namespace wasat::gateway
