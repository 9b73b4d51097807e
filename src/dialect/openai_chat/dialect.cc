#include "dialect/openai_chat/dialect.h"

namespace wasat::dialect::openai_chat {
namespace {

class OpenAiChat : public Dialect {
 public:
  std::string_view name() const override { return "openai_chat"; }
  Result<std::unique_ptr<Parsed>> parse(const Request&) const override {
    return fail(client_error(ErrorKind::kNotFound, "There is nothing at this path."));
  }
  ErrorReply error(const Error&) const override { return {}; }
};

}  // namespace

std::unique_ptr<Dialect> make_openai_chat(Options) { return std::make_unique<OpenAiChat>(); }

}  // namespace wasat::dialect::openai_chat
