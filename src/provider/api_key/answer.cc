#include "provider/api_key/answer.h"

#include <algorithm>
#include <cstring>

#include "gemini/frames.h"
#include "http/sse.h"

namespace wasat::provider {
namespace {

constexpr std::size_t kMostRefusal = 64 * 1024;
constexpr std::chrono::seconds kRefusalTime{10};

gemini::Failure failure(Error error) { return {.error = std::move(error)}; }

gemini::Failure too_large(std::size_t limit) {
  return failure(upstream_error(
      ErrorKind::kUpstreamFailed, Retry::kNever,
      "the upstream's answer is larger than the limit of " + std::to_string(limit) + " bytes"));
}

// An error object that came with status 200.
gemini::Failure error_in_answer(PaddedView json, const Clock& clock) {
  return gemini::classify({.status = 200, .body = json, .retry_after = {}, .now = clock.wall()});
}

class EventStream final : public ChunkStream {
 public:
  EventStream(std::unique_ptr<http::ClientStream> answer, const Clock& clock, AnswerLimits limits)
      : answer_(std::move(answer)), clock_(clock), limits_(limits), reader_(limits.max_answer) {}

  Task<Attempt<Batch>> next(net::TimePoint deadline) override {
    if (pending_) co_return std::unexpected(std::move(*pending_));
    frames_.clear();
    Attempt<Batch> batch;
    while (!take(co_await answer_->read(deadline), batch)) {
    }
    co_return batch;
  }

 private:
  // False: no event is whole yet. Not a part of next(), whose frame each stream holds while it
  // waits.
  [[gnu::noinline]] bool take(const Result<http::ClientStream::Piece>& piece,
                              Attempt<Batch>& batch) {
    if (!piece) {
      batch = std::unexpected(failure(piece.error()));
      return true;
    }
    if (piece->idle) {
      batch = Batch{.idle = true};
      return true;
    }
    events_.clear();
    reader_.feed(piece->bytes, events_);
    take_events();
    if (reader_.overflowed()) {
      batch = std::unexpected(too_large(limits_.max_answer));
      return true;
    }
    bool ended = false;
    if (piece->ended && !pending_) {
      // Frames so far may lie in the piece; what finish() adds lies in the reader's own buffer.
      events_.clear();
      reader_.finish(events_);
      take_events();
      ended = !pending_;
    }
    if (ended || !frames_.empty()) {
      batch = Batch{.frames = frames_, .ended = ended};
    } else if (pending_) {
      batch = std::unexpected(std::move(*pending_));
    } else {
      return false;
    }
    return true;
  }

  // Up to the first error; what came before it still counts.
  void take_events() {
    for (const http::SseEvent& event : events_) {
      if (event.data.size() == 0 || pending_) continue;
      if (gemini::is_error_chunk(event.data)) {
        pending_ = error_in_answer(event.data, clock_);
      } else {
        frames_.push_back({.json = event.data, .wire = event.wire});
      }
    }
  }

  std::unique_ptr<http::ClientStream> answer_;
  const Clock& clock_;
  const AnswerLimits limits_;
  http::SseReader reader_;
  std::vector<http::SseEvent> events_;
  std::vector<gemini::Frame> frames_;
  std::optional<gemini::Failure> pending_;
};

class WholeAnswer final : public ChunkStream {
 public:
  WholeAnswer(std::unique_ptr<http::ClientStream> answer, const Clock& clock, AnswerLimits limits)
      : answer_(std::move(answer)), clock_(clock), limits_(limits) {}

  Task<Attempt<Batch>> next(net::TimePoint) override {
    if (done_) co_return Batch{.ended = true, .partial = passes_};
    std::string_view whole;
    for (;;) {
      const Result<http::ClientStream::Piece> piece =
          co_await answer_->read(clock_.now() + limits_.body_idle);
      if (!piece) co_return std::unexpected(failure(piece.error()));
      if (piece->idle) {
        co_return std::unexpected(
            failure(upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                                   "the upstream stopped in the middle of its answer")));
      }
      done_ = piece->ended;
      // Small answers come in one piece and are never copied.
      if (passes_ || (done_ && buffer_ == nullptr)) {
        whole = piece->bytes;
        break;
      }
      if (!append(piece->bytes)) co_return std::unexpected(too_large(limits_.max_answer));
      if (done_ || (limits_.in_pieces && buffer_->size() > kMostWhole)) {
        whole = buffer_->view();
        break;
      }
    }
    if (passes_) {
      buffer_.reset();
      co_return give({.wire = whole});
    }
    passes_ = !done_;
    const PaddedView json = PaddedView::promise(whole);
    if (gemini::is_error_chunk(json)) {
      co_return std::unexpected(error_in_answer(json, clock_));
    }
    co_return give({.json = json, .wire = whole});
  }

 private:
  Batch give(const gemini::Frame& frame) {
    frame_ = frame;
    return {.frames = {&frame_, frame.wire.empty() ? 0u : 1u}, .ended = done_, .partial = passes_};
  }

  bool append(std::string_view bytes) {
    if (buffer_ == nullptr) {
      const std::uint64_t announced = answer_->content_length().value_or(4 * bytes.size());
      const std::size_t most = limits_.in_pieces ? 2 * kMostWhole : limits_.max_answer;
      buffer_ = std::make_unique<Buffer>(
          static_cast<std::size_t>(std::min<std::uint64_t>(announced, most)));
    }
    const std::size_t size = buffer_->size() + bytes.size();
    if (size > limits_.max_answer) return false;
    if (size > buffer_->capacity()) buffer_->reserve(std::max(size, 2 * buffer_->capacity()));
    // The end may come without bytes, and without an address.
    if (!bytes.empty()) {
      std::memcpy(buffer_->data() + buffer_->size(), bytes.data(), bytes.size());
    }
    buffer_->resize(size);
    return true;
  }

  std::unique_ptr<http::ClientStream> answer_;
  const Clock& clock_;
  const AnswerLimits limits_;
  std::unique_ptr<Buffer> buffer_;
  gemini::Frame frame_;
  bool done_ = false;
  bool passes_ = false;  // it is given as it comes
};

}  // namespace

std::unique_ptr<ChunkStream> make_chunk_stream(std::unique_ptr<http::ClientStream> answer,
                                               const Clock& clock, AnswerLimits limits) {
  if (answer->header("content-type").starts_with("text/event-stream")) {
    return std::make_unique<EventStream>(std::move(answer), clock, limits);
  }
  return std::make_unique<WholeAnswer>(std::move(answer), clock, limits);
}

Task<gemini::Failure> read_refusal(http::ClientStream& answer, const AttemptContext& context) {
  Buffer body(kMostRefusal);
  const net::TimePoint deadline = context.clock.now() + kRefusalTime;
  for (;;) {
    const Result<http::ClientStream::Piece> piece = co_await answer.read(deadline);
    // What came is enough to judge by; the status alone would be.
    if (!piece || piece->idle) break;
    const std::size_t n = std::min(piece->bytes.size(), body.capacity() - body.size());
    std::memcpy(body.data() + body.size(), piece->bytes.data(), n);
    body.resize(body.size() + n);
    if (piece->ended || body.size() == body.capacity()) break;
  }
  co_return gemini::classify({.status = answer.status(),
                              .body = body.padded(),
                              .retry_after = answer.header("retry-after"),
                              .now = context.clock.wall()});
}

}  // namespace wasat::provider
