#include "node/job.h"

#include <algorithm>
#include <cstring>

#include "gemini/frames.h"
#include "json/reader.h"

namespace wasat::node {
namespace {

constexpr std::size_t kMostRefusal = 64 * 1024;
constexpr std::size_t kMostShownPath = 200;
constexpr std::size_t kMostPages = 100;
// Of a stream: from here on a chunk goes by itself.
constexpr std::size_t kLargeChunk = 64 * 1024;
// More is parsed on the compute thread.
constexpr std::size_t kParsedHere = 1u << 20;

std::string shown_path(std::string_view path) {
  return std::string(path.substr(0, path.find('?')).substr(0, kMostShownPath));
}

Error stopped() {
  return upstream_error(ErrorKind::kTimeout, Retry::kNever,
                        "the upstream stopped in the middle of its answer");
}

bool parses(PaddedView text) {
  json::Document document;
  return document.parse(text).has_value();
}

}  // namespace

Task<> Job::run() {
  std::optional<Target> target = read_target(request_.method, request_.path);
  if (!target) {
    co_return co_await fail_with(404, "Unsupported API endpoint: " + shown_path(request_.path));
  }
  if (target->stream) co_return co_await answer_stream(std::move(*target));
  if (target->all_pages) co_return co_await answer_list(std::move(*target));
  co_return co_await answer_whole(std::move(*target));
}

Task<Result<Job::Answer>> Job::ask(const Target& target, std::string path) {
  const Options& options = means_.options;
  const std::string where = options.gemini_prefix + path;
  std::vector<http::Header> headers = {{"x-goog-api-key", options.key.reveal()},
                                       {"User-Agent", "wasat/" WASAT_VERSION},
                                       {"Accept-Encoding", "identity"}};
  http::ClientRequest request{.method = target.method, .target = where, .headers = {}};
  Body body;
  if (target.method == "POST") {
    headers.push_back({"Content-Type", "application/json"});
    body.append(request_.body.empty() ? std::string_view("{}") : request_.body, request_.message);
    request.body = &body;
  }
  request.headers = headers;
  Result<Answer> answer = co_await means_.client.send(
      options.gemini, request, std::chrono::steady_clock::now() + options.first_byte, &cancel_);
  // The body is sent: an answer may take its time, and needs the room no longer.
  request_.body = {};
  request_.message.reset();
  held_.give_back();
  co_return answer;
}

Task<> Job::answer_whole(Target target) {
  const Result<Answer> answer = co_await ask(target, target.path);
  if (!answer) co_return co_await fail_with(answer.error());
  status_ = (*answer)->status();
  if (status_ != 200) co_return co_await refuse(**answer);
  Result<Text> payload = co_await read_whole(**answer, means_.options.most_message);
  if (!payload) co_return co_await fail_with(std::move(payload.error()));
  co_await pass_payload(std::move(*payload));
}

// Clients of a relay see one list, as the first nodes made it.
Task<> Job::answer_list(Target target) {
  std::string models;
  std::string token;
  for (std::size_t page = 0; page < kMostPages; ++page) {
    const Result<Answer> answer = co_await ask(target, page_path(target, token));
    if (!answer) co_return co_await fail_with(answer.error());
    status_ = (*answer)->status();
    if (status_ != 200) co_return co_await refuse(**answer);
    Result<Text> text = co_await read_whole(**answer, means_.options.most_message);
    if (!text) co_return co_await fail_with(std::move(text.error()));
    json::Document document;
    const Result<json::Value> root = document.parse((*text)->padded());
    if (!root) co_return co_await fail_with(502, "the upstream's list is no JSON");
    for (const json::Value model : (*root)["models"]) {
      models += models.empty() ? "" : ",";
      models += model.raw();
    }
    token = (*root)["nextPageToken"].string_or({});
    if (token.empty()) break;
  }
  co_await pass_payload(Buffer::copy_of(R"({"models":[)" + models + "]}"));
}

Task<> Job::answer_stream(Target target) {
  in_stream_ = true;
  const Result<Answer> answer = co_await ask(target, target.path);
  if (!answer) co_return co_await fail_with(answer.error());
  status_ = (*answer)->status();
  if (status_ != 200) co_return co_await refuse(**answer);
  if (!(*answer)->header("content-type").starts_with("text/event-stream")) {
    co_return co_await fail_with(502, "the upstream's answer is no stream of events");
  }
  if (!co_await pass_chunks(**answer)) co_return;
  (void)co_await wire_.send(end_message(request_.id));
}

Task<bool> Job::pass_chunks(http::ClientStream& answer) {
  http::SseReader reader(means_.options.most_message);
  std::vector<http::SseEvent> events;
  for (bool ended = false; !ended;) {
    const Result<http::ClientStream::Piece> piece =
        co_await answer.read(std::chrono::steady_clock::now() + means_.options.body_idle);
    if (!piece || piece->idle) {
      co_await fail_with(piece ? stopped() : piece.error());
      co_return false;
    }
    ended = piece->ended;
    events.clear();
    reader.feed(piece->bytes, events);
    Result<> passed = co_await pass_events(events);
    if (passed && ended) {
      events.clear();
      reader.finish(events);
      passed = co_await pass_events(events);
    }
    if (passed && reader.overflowed()) {
      passed = fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                                   "an event of the upstream's answer is too large"));
    }
    if (!passed) {
      co_await fail_with(std::move(passed.error()));
      co_return false;
    }
    if (cancel_.requested()) co_return false;
  }
  co_return true;
}

// Up to the first that is no chunk: what came before an error still counts. Small ones that
// came together go together, large ones are not copied.
Task<Result<>> Job::pass_events(const std::vector<http::SseEvent>& events) {
  Result<> whole;
  BatchMessage batch(request_.id);
  for (const http::SseEvent& event : events) {
    if (event.data.size() == 0) continue;
    whole = co_await check(event.data);
    if (!whole || cancel_.requested()) break;
    if (event.data.size() < kLargeChunk) {
      batch.add(event.data.view());
      continue;
    }
    if (!batch.empty()) (void)co_await wire_.send(std::move(batch).finish());
    batch = BatchMessage(request_.id);
    (void)co_await wire_.send(chunk_head(request_.id), event.data.view(), kChunkTail);
  }
  if (!batch.empty() && !cancel_.requested()) (void)co_await wire_.send(std::move(batch).finish());
  co_return whole;
}

// An error when it is no JSON, or an error object that came in place of a chunk.
Task<Result<>> Job::check(PaddedView chunk) {
  if (!co_await is_json(chunk)) {
    co_return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                                  "an event of the upstream's answer is no JSON"));
  }
  if (!gemini::is_error_chunk(chunk)) co_return Result<>{};
  Error error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                               std::string(chunk.view().substr(0, kMostRefusal)));
  json::Document document;
  const Result<json::Value> root = document.parse(chunk);
  json::Value told = root ? *root : json::Value();
  if (told.is_array() && told.size() > 0) told = *told.begin();
  error.status = static_cast<int>(told["error"]["code"].integer().value_or(500));
  co_return fail(std::move(error));
}

// What a relay splices into its own answers must be JSON, whatever a proxy in between made
// of Gemini's.
Task<> Job::pass_payload(Text payload) {
  if (!co_await is_json(payload->padded())) {
    co_return co_await fail_with(502, "the upstream's answer is no JSON");
  }
  if (cancel_.requested()) co_return;
  (void)co_await wire_.send(payload_head(request_.id), payload->view(), kPayloadTail);
}

Task<bool> Job::is_json(PaddedView text) {
  bool valid = false;
  if (text.size() <= kParsedHere) {
    valid = parses(text);
  } else {
    auto work = [&valid, text] { valid = parses(text); };
    co_await means_.compute.run(means_.loop, std::move(work));
  }
  co_return valid;
}

Task<Result<Job::Text>> Job::read_whole(http::ClientStream& answer, std::size_t most) {
  const std::uint64_t announced = answer.content_length().value_or(16 * 1024);
  auto text =
      std::make_shared<Buffer>(static_cast<std::size_t>(std::min<std::uint64_t>(announced, most)));
  for (;;) {
    const Result<http::ClientStream::Piece> piece =
        co_await answer.read(std::chrono::steady_clock::now() + means_.options.body_idle);
    if (!piece) co_return fail(piece.error());
    if (piece->idle) co_return fail(stopped());
    const std::size_t size = text->size() + piece->bytes.size();
    if (size > most) {
      co_return fail(upstream_error(
          ErrorKind::kUpstreamFailed, Retry::kNever,
          "the upstream's answer is larger than " + std::to_string(most) + " bytes"));
    }
    if (!held_.add(piece->bytes.size())) {
      co_return fail(
          internal_error("this node holds as much of answers as it may", ErrorKind::kUnavailable));
    }
    if (size > text->capacity()) text->reserve(std::max(size, 2 * text->capacity()));
    std::memcpy(text->data() + text->size(), piece->bytes.data(), piece->bytes.size());
    text->resize(size);
    if (piece->ended) co_return text;
  }
}

// With Google's own words, from which the relay learns of quotas and retry delays.
Task<> Job::refuse(http::ClientStream& answer) {
  const Result<Text> text = co_await read_whole(answer, kMostRefusal);
  const bool told = text && (*text)->size() > 0;
  Refusal refusal{.status = answer.status(),
                  .error = told ? std::string((*text)->view())
                                : "HTTP status " + std::to_string(answer.status()),
                  .retry_after = std::string(answer.header("retry-after"))};
  co_await fail_with(std::move(refusal));
}

Task<> Job::fail_with(Error error) {
  const int status = error.status != 0 ? error.status : error_code(error.kind).status;
  co_await fail_with(status, std::move(error.detail));
}

Task<> Job::fail_with(int status, std::string text) {
  return fail_with(Refusal{.status = status, .error = std::move(text)});
}

Task<> Job::fail_with(Refusal refusal) {
  status_ = refusal.status;
  if (cancel_.requested()) co_return;
  (void)co_await wire_.send(failure_message(request_.id, refusal, in_stream_));
}

}  // namespace wasat::node
