#include "provider/relay/refusal.h"

#include <array>
#include <charconv>

#include "gemini/redact.h"
#include "json/reader.h"

namespace wasat::provider {
namespace {

constexpr std::size_t kMostText = 64 * 1024;
constexpr std::size_t kMostDetail = 2000;
constexpr int kMostTries = 8;

// How SDKs name a status in what they throw.
constexpr std::array<std::string_view, 6> kBeforeStatus = {
    "got status: ", "status: ", "status code ", "[", "HTTP ", "Status "};

int status_at(std::string_view text, std::size_t place) {
  int status = 0;
  const std::string_view digits = text.substr(place, 3);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), status);
  const bool whole = read.ec == std::errc() && read.ptr == digits.data() + 3;
  const bool ends = place + 3 >= text.size() || text[place + 3] < '0' || text[place + 3] > '9';
  return whole && ends && status >= 400 && status < 600 ? status : 0;
}

int named_status(std::string_view text) {
  for (const std::string_view before : kBeforeStatus) {
    for (std::size_t at = text.find(before); at != std::string_view::npos;
         at = text.find(before, at + 1)) {
      if (const int status = status_at(text, at + before.size()); status != 0) return status;
    }
  }
  return 0;
}

// Google's error object within the text: from a brace to the last one.
std::shared_ptr<const Buffer> error_object(std::string_view text, int& code) {
  const std::size_t end = text.rfind('}');
  json::Document document;
  int tries = 0;
  for (std::size_t begin = text.find('{');
       begin < end && end != std::string_view::npos && tries < kMostTries;
       begin = text.find('{', begin + 1), ++tries) {
    const std::shared_ptr<Buffer> copy = Buffer::copy_of(text.substr(begin, end - begin + 1));
    const Result<json::Value> root = document.parse(copy->padded());
    if (!root) continue;
    const std::optional<std::int64_t> found = (*root)["error"]["code"].integer();
    if (!found || *found < 400 || *found > 599) return nullptr;
    code = static_cast<int>(*found);
    return copy;
  }
  return nullptr;
}

}  // namespace

gemini::Failure read_node_failure(int status, std::string_view text, std::string_view retry_after,
                                  gemini::SystemTime now) {
  const std::string_view looked_at = text.substr(0, kMostText);
  int code = 0;
  std::shared_ptr<const Buffer> body = error_object(looked_at, code);
  if (code == 0) code = status >= 400 ? status : named_status(looked_at);
  if (code != 0) {
    if (body == nullptr) body = Buffer::copy_of(looked_at);
    return gemini::classify(
        {.status = code, .body = body->padded(), .retry_after = retry_after, .now = now});
  }
  gemini::Failure failure;
  failure.error =
      upstream_error(ErrorKind::kInternal, Retry::kNextCredential,
                     text.empty() ? "Applet Error" : gemini::redacted(looked_at, kMostDetail));
  failure.error.canonical = "INTERNAL_ERROR";
  return failure;
}

}  // namespace wasat::provider
