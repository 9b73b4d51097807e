// Uploads that go on: whose they are, and that their bytes are never held.

#include "gateway/admit.h"
#include "gateway/exchange.h"

namespace wasat::gateway {

// The address is what authorises: clients send no token with the pieces.
Result<std::shared_ptr<const account::Token>> Exchange::token_of_upload() {
  upload_ = open_upload_url(route_.path, request_.query, shared_.upload_key,
                            store::to_time(shared_.clock.wall()));
  const auto& tokens = worker_.tokens.get();
  std::shared_ptr<const account::Token> token =
      upload_ ? tokens->find_id(upload_->token_id) : nullptr;
  // Who does present a token must be the one who began.
  const std::string presented = presented_token(request_);
  if (token != nullptr && !presented.empty() && tokens->find(presented) != token) token = nullptr;
  if (token == nullptr) {
    upload_.reset();
    return fail(client_error(ErrorKind::kNotFound,
                             "there is no such upload: its address has expired, was changed, or "
                             "its token is not valid any more. Begin the upload anew."));
  }
  return token;
}

// Pieces of an upload, and uploads in one piece. What begins a resumable one is
// small and held, so that another credential can take it.
bool Exchange::passes_upload_on() const {
  if (upload_) return true;
  if (!route_.path.starts_with("/upload/") || request_.method == "GET") return false;
  const std::string_view protocol = request_.header("x-goog-upload-protocol");
  if (!protocol.empty()) return !http::equals_ignoring_case(protocol, "resumable");
  const std::string type = query_parameter(request_.query, "uploadType");
  return type == "media" || type == "multipart";
}

}  // namespace wasat::gateway
