#include "dialect/openai_responses/dialect.h"

#include "dialect/openai_errors.h"
#include "dialect/openai_responses/responses.h"
#include "dialect/openai_responses/stored.h"
#include "dialect/paths.h"

namespace wasat::dialect::openai_responses {
namespace {

// `rest`: behind "/responses/": "{id}" or "{id}/input_items".
Result<std::unique_ptr<Parsed>> parse_stored(const Request& request, std::string_view rest) {
  const std::string_view id = rest.substr(0, rest.find('/'));
  const std::string_view tail = rest.substr(id.size());
  if (tail == "/cancel") {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "Only background responses can be cancelled, and none runs in the "
                             "background here. Close the connection instead."));
  }
  if (tail == "/input_items") {
    if (!reads(request)) return fail(wrong_method(request, "GET"));
    return stored_response(StoredAction::kListInput, id, request.query);
  }
  if (!tail.empty()) return fail(nothing_here(request));
  if (reads(request)) return stored_response(StoredAction::kGet, id, request.query);
  if (request.http_method == "DELETE") return stored_response(StoredAction::kDelete, id, {});
  return fail(wrong_method(request, "GET or DELETE"));
}

class OpenAiResponses : public Dialect {
 public:
  std::string_view name() const override { return "openai_responses"; }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    const std::string_view path = bare_path(request);
    const bool posts = request.http_method == "POST";
    if (path == "/responses") {
      if (!posts) return fail(wrong_method(request, "POST"));
      return parse_responses(request.body, request.options);
    }
    if (path == "/responses/input_tokens") {
      if (!posts) return fail(wrong_method(request, "POST"));
      return parse_input_tokens(request.body, request.options);
    }
    constexpr std::string_view kItems = "/responses/";
    if (path.starts_with(kItems)) return parse_stored(request, path.substr(kItems.size()));
    return fail(nothing_here(request));
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
};

}  // namespace

std::unique_ptr<Dialect> make_openai_responses() { return std::make_unique<OpenAiResponses>(); }

}  // namespace wasat::dialect::openai_responses
