// Handshakes from header lines: no input crashes, and what is accepted is whole.

#include <cstdlib>
#include <string>
#include <vector>

#include "ws/handshake.h"

namespace {

using namespace wasat;

class Request final : public http::ServerRequest {
 public:
  Request(std::string_view verb, std::vector<http::Header> fields) : fields_(std::move(fields)) {
    method = verb;
    headers = fields_;
  }
  Task<Result<std::shared_ptr<const Buffer>>> read_body(http::BodyLimits) override { std::abort(); }
  Task<Result<std::size_t>> read_some(std::span<char>) override { std::abort(); }
  std::optional<std::uint64_t> content_length() const override { return std::nullopt; }
  Cancel& departed() override { return departed_; }

 private:
  std::vector<http::Header> fields_;
  Cancel departed_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string_view verb = text.substr(0, text.find('\n'));
  std::vector<http::Header> fields;
  while (text.find('\n') != std::string_view::npos) {
    text.remove_prefix(text.find('\n') + 1);
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    fields.push_back({line.substr(0, colon), line.substr(colon + 1)});
  }
  const Request request(verb, fields);
  if (const Result<ws::Accepted> accepted = ws::check_request(request)) {
    if (accepted->accept.size() != 28 || verb != "GET") std::abort();
    for (const std::string_view protocol : accepted->protocols) {
      if (protocol.empty() || protocol.find(',') != std::string_view::npos) std::abort();
    }
  }
  (void)ws::check_response(fields, "dGhlIHNhbXBsZSBub25jZQ==");
  return 0;
}
