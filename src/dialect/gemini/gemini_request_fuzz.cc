// Input: HTTP method, path, query and body, one per line, the body last.
//
// Whatever a client sends: no credential parameter and no dot segment gets into
// the call, and the body comes out unaltered unless it names the model.

#include <algorithm>
#include <cstdlib>

#include "dialect/gemini/gemini.h"
#include "gemini/model_names.h"

namespace {

using namespace wasat;

void must(bool holds) {
  if (!holds) std::abort();
}

std::string_view next_line(std::string_view& rest) {
  const std::string_view line = rest.substr(0, rest.find('\n'));
  rest.remove_prefix(std::min(line.size() + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto dialect = dialect::native::make_gemini();
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  const std::string_view method = next_line(rest);
  const std::string_view path = next_line(rest);
  const std::string_view query = next_line(rest);
  const auto body = Buffer::copy_of(rest);
  const auto parsed =
      dialect->parse({.http_method = method, .path = path, .query = query, .body = body});
  if (!parsed) {
    must(!dialect->error(parsed.error()).body.empty());
    return 0;
  }
  for (const std::string& model : {(*parsed)->model, std::string("gemini-2.5-flash")}) {
    const auto call = (*parsed)->lower({.name = model}, {});
    if (!call) continue;
    must(call->model.empty() || gemini::is_model_name(call->model));
    must(call->path.find("/../") == std::string::npos);
    must(("&" + call->query).find("&key=") == std::string::npos);
    must(("&" + call->query).find("&access_token=") == std::string::npos);
    const bool reads_body =
        call->method != gemini::Method::kListModels && call->method != gemini::Method::kGetModel;
    if (reads_body && model == (*parsed)->model) must(call->body.flatten() == rest);
  }
  return 0;
}
