#include "dialect/openai_media/dialect.h"

#include <utility>

#include "dialect/openai_errors.h"

namespace wasat::dialect::openai_media {
namespace {

class OpenAiMedia : public Dialect {
 public:
  explicit OpenAiMedia(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "openai_media"; }

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

std::unique_ptr<Dialect> make_openai_media(Options options) {
  return std::make_unique<OpenAiMedia>(std::move(options));
}

}  // namespace wasat::dialect::openai_media
