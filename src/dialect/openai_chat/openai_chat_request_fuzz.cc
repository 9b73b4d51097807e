// Any request: a call whose body is JSON, or an error that is.

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
  // Schemas and arguments of the client nest within what is put around them.
  if (!document.parse(buffer->padded(), json::kMaxDepth + 16)) std::abort();
}

void check(const dialect::Dialect& chat, const Error& error) {
  const dialect::ErrorReply reply = chat.error(error);
  expect_json(reply.body);
  if (reply.status < 400) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto chat = dialect::openai_chat::make_openai_chat();
  const auto body = Buffer::copy_of({reinterpret_cast<const char*>(data), size});
  auto parsed =
      chat->parse({.http_method = "POST", .path = "/chat/completions", .query = {}, .body = body});
  if (!parsed) {
    check(*chat, parsed.error());
    return 0;
  }
  dialect::Findings findings;
  const auto image = std::make_shared<std::string>("iVBORw0KGgo=");
  for (const std::string& url : (*parsed)->needs.urls) {
    findings.fetched.emplace(url, dialect::Findings::Fetched{.mime_type = {}, .base64 = image});
  }
  for (const auto& memo : (*parsed)->needs.memos) findings.memos.emplace(memo.key, "c2ln");
  const gemini::DerivedModel derived{.search = size % 2 == 0, .image = size % 3 == 0};
  for (const char* model :
       {"gemini-1.5-pro", "gemini-2.0-flash", "gemini-2.5-pro", "gemini-3-pro-preview"}) {
    const auto call = (*parsed)->lower({.name = model, .derived = derived}, findings);
    if (call) {
      expect_json(call->body.flatten());
    } else {
      check(*chat, call.error());
    }
  }
  (void)(*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  return 0;
}
