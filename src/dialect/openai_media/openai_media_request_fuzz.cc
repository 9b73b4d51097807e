// Any request on any path: a call whose body is JSON (uploads aside), or an error
// that is. The first byte chooses the path, the second the content type.

#include <cstdint>
#include <cstdlib>
#include <string>

#include "dialect/openai_media/dialect.h"
#include "json/reader.h"

namespace {

using namespace wasat;

void expect_json(std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  json::Document document;
  if (!document.parse(buffer->padded())) std::abort();
}

void check(const dialect::Dialect& media, const Error& error) {
  const dialect::ErrorReply reply = media.error(error);
  expect_json(reply.body);
  if (reply.status < 400 || error.kind == ErrorKind::kInternal) std::abort();
}

void check(const gemini::Call& call) {
  const std::string body = call.body.flatten();
  if (!body.empty() && !body.starts_with("--")) expect_json(body);
  for (const gemini::Call& more : call.more) check(more);
}

constexpr std::string_view kPaths[] = {
    "/embeddings",   "/images/generations",   "/images/edits",       "/images/variations",
    "/audio/speech", "/audio/transcriptions", "/audio/translations", "/files"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto media = dialect::openai_media::make_openai_media();
  if (size < 2) return 0;
  const auto body = Buffer::copy_of({reinterpret_cast<const char*>(data) + 2, size - 2});
  auto parsed = media->parse(
      {.http_method = "POST",
       .path = kPaths[data[0] % std::size(kPaths)],
       .query = {},
       .content_type = (data[1] & 1) != 0 ? "multipart/form-data; boundary=XX" : "application/json",
       .body = body});
  if (!parsed) {
    check(*media, parsed.error());
    return 0;
  }
  dialect::Findings findings;
  for (const std::string& url : (*parsed)->needs.urls) {
    findings.fetched.emplace(
        url, dialect::Findings::Fetched{.mime_type = "image/png",
                                        .base64 = std::make_shared<std::string>("AAAA")});
  }
  for (const std::string_view model :
       {std::string_view((*parsed)->model), std::string_view("gemini-3-pro-image"),
        std::string_view("gemini-2.5-flash"), std::string_view("imagen-4.0-generate-001")}) {
    const auto call = (*parsed)->lower({.name = model}, findings);
    if (call) {
      check(*call);
    } else {
      check(*media, call.error());
    }
  }
  (void)(*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  return 0;
}
