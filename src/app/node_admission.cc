#include "app/node_admission.h"

namespace wasat::app {

Result<relay::Admitted> NodeAdmission::admit(std::string_view token, std::string_view /*address*/) {
  if (token.empty()) {
    if (open_) return relay::Admitted{};
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "a relay node needs a token: ?token=, or a Bearer header"));
  }
  const std::shared_ptr<const account::Token> known = tokens_.get()->find(token);
  if (known == nullptr || known->kind != account::TokenKind::kRelay) {
    if (open_) return relay::Admitted{};
    return fail(client_error(ErrorKind::kUnauthenticated,
                             "this is no token of a relay node that is known here"));
  }
  if (Result<> good = known->check(clock_.wall()); !good) return fail(good.error());
  return relay::Admitted{.token_id = known->id};
}

}  // namespace wasat::app
