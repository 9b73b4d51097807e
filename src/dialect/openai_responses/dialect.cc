#include "dialect/openai_responses/dialect.h"

#include <utility>

#include "dialect/openai_errors.h"

namespace wasat::dialect::openai_responses {
namespace {

class OpenAiResponses : public Dialect {
 public:
  explicit OpenAiResponses(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "openai_responses"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    return fail(client_error(ErrorKind::kNotFound, "There is nothing at this path (" +
                                                       std::string(request.http_method) + " " +
                                                       std::string(request.path) + ")."));
  }

  ErrorReply error(const Error& error) const override { return openai::error_reply(error); }

 private:
  const Options options_;
};

}  // namespace

std::unique_ptr<Dialect> make_openai_responses(Options options) {
  return std::make_unique<OpenAiResponses>(std::move(options));
}

}  // namespace wasat::dialect::openai_responses
