// Any request: a call whose body is JSON, or an error that is. The request itself is
// remembered and referred to, too.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/openai_responses/dialect.h"
#include "json/reader.h"

namespace {

using namespace wasat;

void expect_json(std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  // Schemas and arguments of the client nest within what is put around them.
  if (!document.parse(buffer->padded(), json::kMaxDepth + 16)) std::abort();
}

void check(const dialect::Dialect& dialect, const Error& error) {
  const dialect::ErrorReply reply = dialect.error(error);
  expect_json(reply.body);
  if (reply.status < 400 || reply.status == 500) std::abort();
}

// What the request needs, found: the request's own text is what was remembered.
dialect::Findings found(const dialect::Needs& needs, std::string_view text) {
  dialect::Findings findings;
  for (const std::string& url : needs.urls) {
    findings.fetched.emplace(
        url, dialect::Findings::Fetched{.mime_type = "image/png",
                                        .base64 = std::make_shared<std::string>("iVBORw0K")});
  }
  for (const auto& need : needs.memos) findings.memos.emplace(need.key, text);
  return findings;
}

void run(const dialect::Dialect& dialect, std::string_view method, std::string_view path,
         std::shared_ptr<const Buffer> body) {
  auto parsed = dialect.parse({.http_method = method, .path = path, .query = {}, .body = body});
  if (!parsed) return check(dialect, parsed.error());
  const dialect::Findings findings = found((*parsed)->needs, body->view());
  bool lowered = false;
  for (const char* model : {"gemini-2.0-flash", "gemini-3-pro-preview"}) {
    for (const bool all : {false, true}) {
      const auto call = (*parsed)->lower({.name = model}, all ? findings : dialect::Findings{});
      lowered = call.has_value();
      if (!call) {
        check(dialect, call.error());
      } else if (!call->body.empty()) {
        expect_json(call->body.flatten());
      }
    }
  }
  const auto encoder = (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  if (!lowered) return;
  gemini::Tally tally;
  std::string out;
  constexpr std::string_view kChunk =
      R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],"totalTokens":1})";
  const auto chunk = Buffer::copy_of(kChunk);
  if (!encoder->frame({.json = chunk->padded(), .wire = kChunk}, tally, out)) return;
  if (!encoder->finish(tally, out)) return;
  if (encoder->content_type() == "application/json") expect_json(out);
  for (const gemini::Memo& memo : tally.memos) {
    if (!memo.value.empty()) expect_json(memo.value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto dialect = dialect::openai_responses::make_openai_responses();
  const auto body = Buffer::copy_of({reinterpret_cast<const char*>(data), size});
  run(*dialect, "POST", "/responses", body);
  run(*dialect, "POST", "/responses/input_tokens", body);
  run(*dialect, "GET", "/responses/resp_abcdefghijklmnopqrstuvwx", body);
  run(*dialect, "GET", "/responses/resp_abcdefghijklmnopqrstuvwx/input_items", body);
  return 0;
}
