#include "dialect/anthropic/dialect.h"

#include "dialect/anthropic/errors.h"
#include "dialect/anthropic/messages_call.h"
#include "dialect/anthropic/models.h"
#include "dialect/paths.h"

namespace wasat::dialect::anthropic {
namespace {

class Anthropic : public Dialect {
 public:
  std::string_view name() const override { return "anthropic"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    constexpr std::string_view kModels = "/models";
    std::string_view path = bare_path(request);
    if (path == "/messages" || path == "/messages/count_tokens") {
      if (request.http_method != "POST") return fail(wrong_method(request, "POST"));
      const Asks asks = path == "/messages" ? Asks::kAnswer : Asks::kTokenCount;
      return parse_messages(asks, request.body, request.options);
    }
    if (path == kModels || path.starts_with("/models/")) {
      if (!reads(request)) return fail(wrong_method(request, "GET"));
      path.remove_prefix(kModels.size());
      return parse_models(path.empty() ? path : path.substr(1), request.query);
    }
    return fail(nothing_here(request));
  }

  ErrorReply error(const Error& error) const override { return error_reply(error, {}); }
  ErrorReply error_in(const Error& error, std::string_view id) const override {
    return error_reply(error, id);
  }
  std::string_view id_header() const override { return "request-id"; }
};

}  // namespace

std::unique_ptr<Dialect> make_anthropic() { return std::make_unique<Anthropic>(); }

}  // namespace wasat::dialect::anthropic
