// A raw answer on its way to the client: as it comes, unless something in it must
// be known first.

#include <algorithm>

#include "gateway/admit.h"
#include "gateway/exchange.h"
#include "gateway/raw/raw.h"

namespace wasat::gateway {
namespace {

// What of an upstream's answer a client may see.
constexpr std::string_view kPassed[] = {"content-disposition", "content-range", "etag",
                                        "last-modified", "range"};
constexpr std::string_view kUploadHeaders = "x-goog-upload-";
// Where the upstream says where an upload goes on; ours in its place.
constexpr std::string_view kUploadUrls[] = {"x-goog-upload-url", "x-goog-upload-control-url",
                                            "location"};

// Answers that name what was made are small; of a larger one nothing is learnt.
constexpr std::size_t kMostHeld = 4u << 20;
constexpr std::size_t kMostHeldEvents = 256u << 10;
// Of an answer that a dialect wants whole.
constexpr std::size_t kMostEncoded = 256u << 20;

bool is_one_of(std::string_view name, std::span<const std::string_view> names) {
  return std::ranges::any_of(
      names, [name](std::string_view each) { return http::equals_ignoring_case(each, name); });
}

Error stopped() {
  return upstream_error(ErrorKind::kTimeout, Retry::kNever,
                        "the upstream stopped in the middle of its answer");
}

// The data of the first event that has any; empty when it is not complete yet.
std::string_view first_event(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return {};
    std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("data:")) return line.substr(5);
  }
  return {};
}

}  // namespace

std::vector<http::Header> Exchange::raw_headers(const http::ClientStream& answer,
                                                const RawAnswer& about,
                                                std::deque<std::string>& texts) const {
  std::vector<http::Header> fields = headers(answer.header("content-type"), false);
  if (fields.front().value.empty()) fields.front().value = "application/octet-stream";
  for (const http::Header& header : answer.headers()) {
    if (is_one_of(header.name, kUploadUrls)) {
      const std::size_t path = header.value.find("/upload/");
      if (!about.path.upload || path == std::string_view::npos) continue;
      const UploadUrl url{.credential_id = about.credential_id,
                          .token_id = token_->id,
                          .target = std::string(header.value.substr(path)),
                          .made = store::to_time(shared_.clock.wall())};
      // A mount in front of the path ("/gemini") is part of how we are reached.
      std::string_view mount = request_.path;
      if (mount.ends_with(route_.path)) {
        mount.remove_suffix(route_.path.size());
      } else {
        mount = {};
      }
      texts.push_back(public_origin(request_, options_->trusted_proxies)
                          .append(mount)
                          .append(seal_upload_url(url, shared_.upload_key)));
      fields.push_back({header.name, texts.back()});
    } else if (is_one_of(header.name, kPassed) ||
               http::equals_ignoring_case(header.name.substr(0, kUploadHeaders.size()),
                                          kUploadHeaders)) {
      fields.push_back(header);
    }
  }
  return fields;
}

Task<Result<>> Exchange::relay(http::ClientStream& answer, const RawAnswer& about) {
  std::deque<std::string> texts;
  const std::vector<http::Header> fields = raw_headers(answer, about, texts);
  const std::string_view type = fields.front().value;
  const bool events = type.starts_with("text/event-stream");
  const std::size_t most = events ? kMostHeldEvents : kMostHeld;
  // While true, nothing goes out: what the answer names must be kept first.
  bool holds = may_name_resources(about) && (events || type.starts_with("application/json"));
  std::string held;
  note_first_byte();
  record_.status = answer.status();
  if (!holds) response_.start(answer.status(), fields, answer.content_length());
  for (;;) {
    const Result<http::ClientStream::Piece> piece =
        co_await answer.read(shared_.clock.now() + options_->stream_idle_timeout);
    if (!piece) co_return fail(piece.error());
    if (piece->idle) co_return fail(stopped());
    std::string_view bytes = piece->bytes;
    if (holds) {
      held.append(bytes);
      const std::string_view known = events ? first_event(held) : std::string_view(held);
      const bool complete = events ? !known.empty() : piece->ended;
      if (!complete && !piece->ended && held.size() < most) continue;
      holds = false;
      const bool ended = piece->ended;
      if (complete && held.size() <= most) co_await note_resources(about, known);
      keep_answer(held);
      if (ended) co_return co_await response_.send(answer.status(), fields, held);
      response_.start(answer.status(), fields, answer.content_length());
      if (Result<> written = co_await response_.write(held); !written) co_return written;
      std::string().swap(held);
      continue;
    }
    keep_answer(bytes);
    Result<> written =
        piece->ended ? co_await response_.finish(bytes) : co_await response_.write(bytes);
    if (!written || piece->ended) co_return written;
  }
}

// For a dialect that makes something else of the answer.
Task<Result<>> Exchange::encode_raw(http::ClientStream& answer, const RawAnswer& about) {
  Buffer whole(static_cast<std::size_t>(
      std::min<std::uint64_t>(answer.content_length().value_or(16 * 1024), kMostEncoded)));
  for (;;) {
    const Result<http::ClientStream::Piece> piece =
        co_await answer.read(shared_.clock.now() + options_->stream_idle_timeout);
    if (!piece) co_return fail(piece.error());
    if (piece->idle) co_return fail(stopped());
    const std::size_t size = whole.size() + piece->bytes.size();
    if (size > kMostEncoded) {
      co_return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                                    "the upstream's answer is larger than the limit of " +
                                        std::to_string(kMostEncoded) + " bytes"));
    }
    if (size > whole.capacity()) whole.reserve(std::max(size, 2 * whole.capacity()));
    std::ranges::copy(piece->bytes, whole.data() + whole.size());
    whole.resize(size);
    if (piece->ended) break;
  }
  if (may_name_resources(about)) co_await note_resources(about, whole.view());
  co_return co_await answer_encoded({.json = whole.padded(), .wire = whole.view()});
}

Task<Result<>> Exchange::answer_encoded(gemini::Frame frame) {
  answer_context_ = {.created = std::chrono::duration_cast<std::chrono::seconds>(
                                    shared_.clock.wall().time_since_epoch())
                                    .count(),
                     .id = record_.id,
                     .media_base = MediaCache::new_base(options_->media_url)};
  const std::unique_ptr<dialect::Encoder> encoder = parsed_->encoder(answer_context_);
  std::string out;
  if (Result<> encoded = encoder->frame(frame, record_.tally, out); !encoded) co_return encoded;
  if (Result<> finished = encoder->finish(record_.tally, out); !finished) co_return finished;
  if (!record_.tally.media.empty()) {
    if (Result<> kept = co_await keep_media(); !kept) co_return kept;
  }
  note_first_byte();
  record_.status = 200;
  keep_answer(out);
  co_return co_await response_.send(200, headers(encoder->content_type(), false), out);
}

}  // namespace wasat::gateway
