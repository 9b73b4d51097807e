// Any chunks (one per line): an answer whose every piece is JSON, or an error.
// The first byte chooses the form of the answer.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/openai_chat/dialect.h"
#include "json/reader.h"

namespace {

using namespace wasat;

void expect_json(std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  if (!document.parse(buffer->padded(), json::kMaxDepth + 16)) std::abort();
}

void expect_events(std::string_view text) {
  constexpr std::string_view kData = "data: ";
  while (!text.empty()) {
    const auto end = text.find("\n\n");
    if (end == text.npos || !text.starts_with(kData)) std::abort();
    const std::string_view data = text.substr(kData.size(), end - kData.size());
    if (data != "[DONE]") expect_json(data);
    text.remove_prefix(end + 2);
  }
}

std::unique_ptr<dialect::Encoder> make_encoder(std::uint8_t form) {
  static const auto chat = dialect::openai_chat::make_openai_chat();
  std::string request = R"({"model":"m","messages":[{"role":"user","content":"Hi"}])";
  if ((form & 1) != 0) request += R"(,"stream":true,"stream_options":{"include_usage":true})";
  if ((form & 2) != 0) request += R"(,"web_search_options":{})";
  if ((form & 4) != 0) request += R"(,"logprobs":true)";
  if ((form & 8) != 0) request += R"(,"functions":[{"name":"f"}])";
  if ((form & 24) == 16) request += R"(,"tools":[{"type":"custom","custom":{"name":"f"}}])";
  if ((form & 32) != 0) request += R"(,"n":3)";
  if ((form & 64) != 0) request += R"(,"modalities":["audio"],"audio":{"format":"pcm16"})";
  request += "}";
  auto parsed = chat->parse({.http_method = "POST",
                             .path = "/chat/completions",
                             .query = {},
                             .body = Buffer::copy_of(request)});
  if (!parsed) std::abort();
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
  std::uint32_t call = 0;  // of several, each gets a line in its turn
  while (!rest.empty() && !broken) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto json = Buffer::copy_of(line);
    const auto result =
        encoder->frame({.json = json->padded(), .wire = line, .call = call}, tally, out);
    if ((data[0] & 32) != 0) call = (call + 1) % 3;
    broken = !result;
    if (broken && stream) encoder->error(result.error(), out);
  }
  if (!broken) {
    const auto result = encoder->finish(tally, out);
    if (result && !stream) expect_json(out);
    if (!result && stream) encoder->error(result.error(), out);
  }
  if (stream) expect_events(out);
  return 0;
}
