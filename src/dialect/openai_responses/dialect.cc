#include "dialect/openai_responses/dialect.h"

#include <utility>

#include "dialect/openai_errors.h"
#include "dialect/openai_responses/responses.h"

namespace wasat::dialect::openai_responses {
namespace {

Error wrong_method(const Request& request, std::string_view allowed) {
  return client_error(ErrorKind::kMethodNotAllowed, std::string(request.path) + " takes " +
                                                        std::string(allowed) + ", not " +
                                                        std::string(request.http_method) + ".");
}

class OpenAiResponses : public Dialect {
 public:
  explicit OpenAiResponses(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "openai_responses"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    std::string_view path = request.path;
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    const bool posts = request.http_method == "POST";
    if (path == "/responses") {
      if (!posts) return fail(wrong_method(request, "POST"));
      return parse_responses(request.body, options_);
    }
    if (path == "/responses/input_tokens") {
      if (!posts) return fail(wrong_method(request, "POST"));
      return parse_input_tokens(request.body, options_);
    }
    return fail(client_error(ErrorKind::kNotFound, "There is nothing at this path (" +
                                                       std::string(request.http_method) + " " +
                                                       std::string(request.path) + ")."));
  }

  ErrorReply error(const Error& error) const override {
    ErrorReply reply = openai::error_reply(error);
    // OpenAI's SDKs and agents begin anew when they see this code.
    if (error.param == "previous_response_id" && error.kind == ErrorKind::kInvalidRequest) {
      constexpr std::string_view kNone = R"("code":null)";
      if (const auto at = reply.body.rfind(kNone); at != std::string::npos) {
        reply.body.replace(at, kNone.size(), R"("code":"previous_response_not_found")");
      }
    }
    return reply;
  }

 private:
  const Options options_;
};

}  // namespace

std::unique_ptr<Dialect> make_openai_responses(Options options) {
  return std::make_unique<OpenAiResponses>(std::move(options));
}

}  // namespace wasat::dialect::openai_responses
