#include "dialect/openai_chat/dialect.h"

#include <utility>

#include "dialect/openai_chat/chat.h"
#include "dialect/openai_chat/models.h"
#include "dialect/openai_errors.h"

namespace wasat::dialect::openai_chat {
namespace {

class OpenAiChat : public Dialect {
 public:
  explicit OpenAiChat(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "openai_chat"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    constexpr std::string_view kModels = "/models";
    std::string_view path = request.path;
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    if (path == "/chat/completions") {
      if (request.http_method != "POST") return fail(wrong_method(request, "POST"));
      return parse_chat(request.body, options_);
    }
    if (path == kModels || path.starts_with("/models/")) {
      if (request.http_method != "GET" && request.http_method != "HEAD") {
        return fail(wrong_method(request, "GET"));
      }
      path.remove_prefix(kModels.size());
      return parse_models(path.empty() ? path : path.substr(1));
    }
    return fail(client_error(ErrorKind::kNotFound, "There is nothing at this path (" +
                                                       std::string(request.http_method) + " " +
                                                       std::string(request.path) + ")."));
  }

  ErrorReply error(const Error& error) const override { return openai::error_reply(error); }

 private:
  static Error wrong_method(const Request& request, std::string_view allowed) {
    return client_error(ErrorKind::kMethodNotAllowed, std::string(request.path) + " takes " +
                                                          std::string(allowed) + ", not " +
                                                          std::string(request.http_method) + ".");
  }

  const Options options_;
};

}  // namespace

std::unique_ptr<Dialect> make_openai_chat(Options options) {
  return std::make_unique<OpenAiChat>(std::move(options));
}

}  // namespace wasat::dialect::openai_chat
