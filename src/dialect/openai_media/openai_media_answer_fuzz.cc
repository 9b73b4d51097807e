// Any chunks (one per line): an answer in the form that was asked for, or an
// error. The first byte chooses the request.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/openai_media/dialect.h"
#include "json/reader.h"

namespace {

using namespace wasat;

struct Asked {
  std::string_view method, path, body;
  bool json;  // the answer is
};

constexpr Asked kAsked[] = {
    {"POST", "/embeddings", R"({"input":["a","b"],"encoding_format":"float"})", true},
    {"POST", "/embeddings", R"({"input":"a","encoding_format":"base64","dimensions":3})", true},
    {"POST", "/images/generations", R"({"prompt":"a","n":2})", true},
    {"POST", "/images/generations", R"({"prompt":"a","response_format":"url"})", true},
    {"POST", "/images/generations", R"({"prompt":"a","stream":true})", false},
    {"POST", "/audio/speech", R"({"input":"a","response_format":"pcm"})", false},
    {"POST", "/audio/speech", R"({"input":"a","response_format":"wav"})", false},
    {"POST", "/audio/speech", R"({"input":"a","response_format":"flac","stream_format":"sse"})",
     false},
    {"POST", "/audio/transcriptions", R"({"file":"data:audio/wav;base64,AAAA"})", true},
    {"POST", "/audio/transcriptions", R"({"file":"data:audio/wav;base64,AAAA","stream":true})",
     false},
    {"POST", "/audio/transcriptions",
     R"({"file":"data:audio/wav;base64,AAAA","response_format":"verbose_json","timestamp_granularities":["word"]})",
     true},
    {"POST", "/audio/transcriptions",
     R"({"file":"data:audio/wav;base64,AAAA","response_format":"srt"})", false},
    {"GET", "/files", "", true},
    {"GET", "/files/file-a", "", true},
};

void expect_json(std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  if (!document.parse(buffer->padded())) std::abort();
}

void expect_events(std::string_view text) {
  while (!text.empty()) {
    const auto end = text.find("\n\n");
    if (end == text.npos) std::abort();
    std::string_view event = text.substr(0, end);
    if (event.starts_with("event: ")) event.remove_prefix(event.find('\n') + 1);
    if (!event.starts_with("data: ")) std::abort();
    expect_json(event.substr(6));
    text.remove_prefix(end + 2);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto media = dialect::openai_media::make_openai_media();
  if (size == 0) return 0;
  const Asked& asked = kAsked[data[0] % std::size(kAsked)];
  auto parsed = media->parse({.http_method = asked.method,
                              .path = asked.path,
                              .query = {},
                              .content_type = "application/json",
                              .body = Buffer::copy_of(asked.body)});
  if (!parsed) std::abort();
  const auto encoder = (*parsed)->encoder({.created = 1,
                                           .id = "abcdefghijklmnopqrstuvwx",
                                           .media_base = "https://gw.example/media/abc"});
  std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  gemini::Tally tally;
  std::string out;
  std::uint32_t number = 0;
  bool broken = false;
  const bool events = encoder->content_type() == "text/event-stream";
  while (!rest.empty() && !broken) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const auto json = Buffer::copy_of(line);
    const auto result =
        encoder->frame({.json = json->padded(), .wire = line, .call = number++ % 3}, tally, out);
    broken = !result;
    if (broken) encoder->error(result.error(), out);
  }
  if (!broken) {
    const auto result = encoder->finish(tally, out);
    if (result && asked.json) expect_json(out);
    if (!result) encoder->error(result.error(), out);
  }
  if (events) expect_events(out);
  return 0;
}
