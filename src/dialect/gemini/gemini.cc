#include "dialect/gemini/gemini.h"

#include <utility>

#include "dialect/gemini/path.h"
#include "dialect/gemini/request.h"
#include "gemini/error_body.h"
#include "gemini/resource_path.h"

namespace wasat::dialect::native {
namespace {

class Gemini : public Dialect {
 public:
  explicit Gemini(Options options) : options_(std::move(options)) {}

  std::string_view name() const override { return "gemini"; }

  bool reads_body(std::string_view http_method, std::string_view path,
                  std::string_view query) const override {
    const Result<Target> target = parse_target(http_method, path, query, options_.default_version);
    if (!target || target->method != gemini::Method::kRaw) return true;
    const gemini::ResourcePath raw = gemini::read_resource_path(http_method, target->path);
    return names_resources(raw);
  }

  Result<std::unique_ptr<Parsed>> parse(const Request& request) const override {
    Result<Target> target =
        parse_target(request.http_method, request.path, request.query, options_.default_version);
    if (!target) return fail(std::move(target).error());
    return NativeRequest::make(*std::move(target), request);
  }

  ErrorReply error(const Error& error) const override {
    ErrorReply reply{.status = error_code(error.kind).status, .body = gemini::error_body(error)};
    if (error.retry_after) {
      const auto seconds = std::chrono::ceil<std::chrono::seconds>(*error.retry_after).count();
      reply.headers.emplace_back("retry-after", std::to_string(std::max<long>(seconds, 0)));
    }
    return reply;
  }

 private:
  Options options_;
};

}  // namespace

std::unique_ptr<Dialect> make_gemini(Options options) {
  return std::make_unique<Gemini>(std::move(options));
}

}  // namespace wasat::dialect::native
