// Any chunks (one per line): an answer in which every event stands in its place, or an error.
// The first byte chooses the form of the answer.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "dialect/openai_responses/dialect.h"
#include "dialect/openai_responses/event_grammar_test.h"
#include "json/reader.h"

namespace {

using namespace wasat;

void expect_json(std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  if (!document.parse(buffer->padded(), json::kMaxDepth + 16)) std::abort();
}

void expect_grammar(std::string_view stream) {
  const std::string problem = dialect::openai_responses::test::EventGrammar::problem(stream);
  if (problem.empty()) return;
  std::fprintf(stderr, "%s\n", problem.c_str());
  std::abort();
}

std::unique_ptr<dialect::Encoder> make_encoder(std::uint8_t form) {
  static const auto dialect = dialect::openai_responses::make_openai_responses();
  std::string request = R"({"model":"m","input":"Hi","tools":[{"type":"custom","name":"c"})";
  if ((form & 2) != 0) request += R"(,{"type":"web_search"})";
  if ((form & 4) != 0)
    request += R"(,{"type":"shell"},{"type":"local_shell"},{"type":"apply_patch"})";
  if ((form & 8) != 0) {
    request += R"(,{"type":"namespace","name":"n","tools":[{"type":"function","name":"f"}]})";
  }
  request += "]";
  if ((form & 1) != 0) request += R"(,"stream":true)";
  if ((form & 16) != 0) request += R"(,"top_logprobs":1)";
  if ((form & 32) != 0) request += R"(,"include":["web_search_call.action.sources"])";
  request += "}";
  auto parsed = dialect->parse(
      {.http_method = "POST", .path = "/responses", .query = {}, .body = Buffer::copy_of(request)});
  if (!parsed || !(*parsed)->lower({.name = "gemini-3-pro-preview"}, {})) std::abort();
  return (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
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
    const auto json = Buffer::copy_of(line);
    const auto result = encoder->frame({.json = json->padded(), .wire = line}, tally, out);
    broken = !result;
    if (broken && stream) encoder->error(result.error(), out);
    if (stream && line.empty() && !broken) encoder->heartbeat(out);
  }
  if (!broken) {
    const auto result = encoder->finish(tally, out);
    if (result && !stream) expect_json(out);
    if (!result && stream) encoder->error(result.error(), out);
    for (const gemini::Memo& memo : tally.memos) {
      if (memo.kind == gemini::Memo::Kind::kResponse) expect_json(memo.value);
    }
  }
  if (stream) expect_grammar(out);
  return 0;
}
