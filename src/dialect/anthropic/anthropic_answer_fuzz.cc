// Any chunks (one per line): a stream that keeps to the rules, a message, or an
// error. The first byte chooses the form of the answer.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/anthropic/dialect.h"
#include "dialect/anthropic/event_grammar_test.h"

namespace {

using namespace wasat;

std::unique_ptr<dialect::Encoder> make_encoder(std::uint8_t form) {
  static const auto dialect = dialect::anthropic::make_anthropic();
  std::string request = R"({"model":"m","messages":[{"role":"user","content":"Hi"}],"tools":[)";
  if ((form & 4) != 0) {
    request += R"({"type":"web_search_20250305","name":"web_search"},)"
               R"({"type":"web_fetch_20250910","name":"web_fetch"},)";
  }
  if ((form & 8) != 0) request += R"({"type":"code_execution_20250825","name":"code_execution"},)";
  request += R"({"name":"a b"}])";
  if ((form & 1) != 0) request += R"(,"stream":true)";
  if ((form & 2) != 0) request += R"(,"thinking":{"type":"adaptive"})";
  request += "}";
  auto parsed = dialect->parse({.http_method = "POST",
                                .path = "/messages",
                                .query = {},
                                .content_type = {},
                                .body = Buffer::copy_of(request)});
  if (!parsed) std::abort();
  if (!(*parsed)->lower({.name = "gemini-3-pro-preview", .derived = {}}, {})) std::abort();
  return (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
}

void expect_message(std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  const auto root = document.parse(buffer->padded(), json::kMaxDepth + 16);
  if (!root || !dialect::anthropic::test::message_problem(*root).empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const bool stream = (data[0] & 1) != 0;
  const auto encoder = make_encoder(data[0]);
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  gemini::Tally tally;
  std::string out;
  bool broken = false;
  while (!rest.empty() && !broken) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.empty()) {
      encoder->heartbeat(out);
      continue;
    }
    const auto json = Buffer::copy_of(line);
    const auto result = encoder->frame({.json = json->padded(), .wire = line}, tally, out);
    broken = !result;
    if (broken && stream) encoder->error(result.error(), out);
  }
  if (!broken) {
    const auto result = encoder->finish(tally, out);
    if (result && !stream) expect_message(out);
    if (!result && stream) encoder->error(result.error(), out);
  }
  if (stream) {
    dialect::anthropic::test::EventChecker checker;
    if (!checker.check(out, true).empty()) std::abort();
  }
  return 0;
}
