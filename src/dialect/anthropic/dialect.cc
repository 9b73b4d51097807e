#include "dialect/anthropic/dialect.h"

#include <utility>

#include "gemini/error_body.h"

namespace wasat::dialect::anthropic {
namespace {

class Anthropic : public Dialect {
 public:
  explicit Anthropic(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "anthropic"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    return fail(client_error(ErrorKind::kNotFound, "There is nothing at this path (" +
                                                       std::string(request.http_method) + " " +
                                                       std::string(request.path) + ")."));
  }

  ErrorReply error(const Error& error) const override {
    return {
        .status = error_code(error.kind).status, .body = gemini::error_body(error), .headers = {}};
  }

 private:
  const Options options_;
};

}  // namespace

std::unique_ptr<Dialect> make_anthropic(Options options) {
  return std::make_unique<Anthropic>(std::move(options));
}

}  // namespace wasat::dialect::anthropic
