// Whatever an upstream sends: it is classified, its secrets stay here, and the
// quick reading of chunks takes everything that the full reader takes.

#include <cstdlib>

#include "gemini/error_body.h"
#include "gemini/errors.h"
#include "gemini/frames.h"
#include "gemini/redact.h"
#include "json/reader.h"

namespace {

using namespace wasat;
using namespace wasat::gemini;

void must(bool holds) {
  if (!holds) std::abort();
}

void check_classification(PaddedView body) {
  const SystemTime now{std::chrono::seconds(1'700'000'000)};
  for (const int status : {200, 400, 403, 404, 429, 500, 503}) {
    const Failure failure =
        classify({.status = status, .body = body, .retry_after = body.view(), .now = now});
    must(failure.error.detail.size() < 4096);
    if (failure.quota && failure.quota->until) {
      must(failure.error.kind != ErrorKind::kRateLimited ||
           *failure.quota->until != SystemTime::max());
    }
    // A client's own mistake is nobody else's.
    if (failure.error.source == ErrorSource::kClient) {
      must(failure.error.retry == Retry::kNever && !failure.defect && !failure.quota);
    }
    // What goes to the client is JSON again.
    const auto rendered = Buffer::copy_of(error_body(failure.error));
    json::Document document;
    const auto root = document.parse(rendered->padded());
    must(root.has_value() && (*root)["error"]["message"].is_string());
  }
}

void check_frames(PaddedView body) {
  json::Document document;
  const auto root = document.parse(body);
  Tally tally;
  const bool read = read_chunk(body, tally).has_value();
  if (root && root->is_object()) must(read);
  if (root && is_error_chunk(body)) must(root->is_object() || root->is_array());
}

void check_redaction(std::string_view text) {
  const std::string once = redacted(text);
  must(once.size() <= 2048);
  must(once.find("AIzaSyA1234567890") == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto buffer = Buffer::copy_of({reinterpret_cast<const char*>(data), size});
  check_classification(buffer->padded());
  check_frames(buffer->padded());
  check_redaction(buffer->view());
  return 0;
}
