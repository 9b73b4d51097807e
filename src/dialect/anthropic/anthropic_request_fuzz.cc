// Any request: a call whose body is JSON, or an error that is. The first byte
// chooses between messages and count_tokens.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/anthropic/dialect.h"
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
  const dialect::ErrorReply reply = dialect.error_in(error, "abc");
  expect_json(reply.body);
  if (reply.status < 400 || error.kind == ErrorKind::kInternal) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto dialect = dialect::anthropic::make_anthropic();
  if (size == 0) return 0;
  const auto body = Buffer::copy_of({reinterpret_cast<const char*>(data) + 1, size - 1});
  auto parsed = dialect->parse({.http_method = "POST",
                                .path = data[0] == 'c' ? "/messages/count_tokens" : "/messages",
                                .query = {},
                                .content_type = {},
                                .body = body});
  if (!parsed) {
    check(*dialect, parsed.error());
    return 0;
  }
  dialect::Findings findings;
  const auto base64 = std::make_shared<const std::string>("AAAA");
  for (const std::string& url : (*parsed)->needs.urls) {
    findings.fetched.emplace(url, dialect::Findings::Fetched{"image/png", base64});
  }
  for (const dialect::Needs::Key& key : (*parsed)->needs.memos) {
    findings.memos.emplace(key.key, "AAAA");
  }
  for (const char* model : {"gemini-2.0-flash", "gemini-2.5-pro", "gemini-3-pro-preview"}) {
    const auto call = (*parsed)->lower({.name = model, .derived = {}}, findings);
    if (call) {
      expect_json(call->body.flatten());
    } else {
      check(*dialect, call.error());
    }
  }
  (void)(*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  return 0;
}
