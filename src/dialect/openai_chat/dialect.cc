#include "dialect/openai_chat/dialect.h"

#include "dialect/openai_chat/chat.h"
#include "dialect/openai_chat/models.h"
#include "dialect/openai_errors.h"
#include "dialect/paths.h"

namespace wasat::dialect::openai_chat {
namespace {

class OpenAiChat : public Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    constexpr std::string_view kModels = "/models";
    std::string_view path = bare_path(request);
    if (path == "/chat/completions") {
      if (request.http_method != "POST") return fail(wrong_method(request, "POST"));
      return parse_chat(request.body, request.options);
    }
    if (path == kModels || path.starts_with("/models/")) {
      if (!reads(request)) return fail(wrong_method(request, "GET"));
      path.remove_prefix(kModels.size());
      return parse_models(path.empty() ? path : path.substr(1));
    }
    return fail(nothing_here(request));
  }

  ErrorReply error(const Error& error) const override { return openai::error_reply(error); }
};

}  // namespace

std::unique_ptr<Dialect> make_openai_chat() { return std::make_unique<OpenAiChat>(); }

}  // namespace wasat::dialect::openai_chat
