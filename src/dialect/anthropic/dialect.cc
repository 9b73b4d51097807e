#include "dialect/anthropic/dialect.h"

#include <utility>

#include "dialect/anthropic/errors.h"
#include "dialect/anthropic/messages_call.h"
#include "dialect/anthropic/models.h"

namespace wasat::dialect::anthropic {
namespace {

class Anthropic : public Dialect {
 public:
  explicit Anthropic(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "anthropic"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    constexpr std::string_view kModels = "/models";
    std::string_view path = request.path;
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "/messages" || path == "/messages/count_tokens") {
      if (request.http_method != "POST") return fail(wrong_method(request, "POST"));
      const Asks asks = path == "/messages" ? Asks::kAnswer : Asks::kTokenCount;
      return parse_messages(asks, request.body, options_);
    }
    if (path == kModels || path.starts_with("/models/")) {
      if (request.http_method != "GET" && request.http_method != "HEAD") {
        return fail(wrong_method(request, "GET"));
      }
      path.remove_prefix(kModels.size());
      return parse_models(path.empty() ? path : path.substr(1), request.query);
    }
    return fail(client_error(ErrorKind::kNotFound, "There is nothing at this path (" +
                                                       std::string(request.http_method) + " " +
                                                       std::string(request.path) + ")."));
  }

  ErrorReply error(const Error& error) const override { return error_reply(error, {}); }
  ErrorReply error_in(const Error& error, std::string_view id) const override {
    return error_reply(error, id);
  }
  std::string_view id_header() const override { return "request-id"; }

 private:
  static Error wrong_method(const Request& request, std::string_view allowed) {
    return client_error(ErrorKind::kMethodNotAllowed, std::string(request.path) + " takes " +
                                                          std::string(allowed) + ", not " +
                                                          std::string(request.http_method) + ".");
  }

  const Options options_;
};

}  // namespace

std::unique_ptr<Dialect> make_anthropic(Options options) {
  return std::make_unique<Anthropic>(std::move(options));
}

}  // namespace wasat::dialect::anthropic
