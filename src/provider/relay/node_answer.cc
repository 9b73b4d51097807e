#include "provider/relay/node_answer.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "gemini/frames.h"

namespace wasat::provider {

using relay::Errand;

namespace {

gemini::Failure failure(Error error) { return {.error = std::move(error)}; }

class NodeChunks final : public ChunkStream {
 public:
  NodeChunks(Asked asked, Errand::Framing framing, bool stream, bool in_pieces, std::size_t most)
      : asked_(std::move(asked)),
        framing_(framing),
        stream_(stream),
        in_pieces_(in_pieces && !stream),
        most_(most) {}

  Task<Attempt<Batch>> next(net::TimePoint deadline) override {
    if (pending_) co_return std::unexpected(std::move(*pending_));
    frames_.clear();
    for (;;) {
      if (ended_) co_return Batch{.ended = true, .partial = passes_};
      Attempt<Asked::News> news = co_await asked_.next(deadline, std::move(spare_));
      if (!news) co_return std::unexpected(std::move(news.error()));
      if (news->idle) co_return Batch{.idle = true};
      if (!absorb(news->taken)) {
        co_return std::unexpected(failure(
            upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                           "a chunk of the relay node's answer is larger than the limit of " +
                               std::to_string(most_) + " bytes")));
      }
      std::optional<gemini::Failure> failed;
      if (news->taken.end != nullptr) {
        ended_ = true;
        failed = asked_.failure_of(*news->taken.end);
      }
      const bool whole = ended_ && !failed;
      if (passes_) {
        pass_on();
      } else if (whole || (stream_ && framing_ == Errand::Framing::kChunks)) {
        make_frames();
      } else if (in_pieces_ && !ended_ && held_ != nullptr && held_->size() > kMostWhole &&
                 ends_.empty()) {
        begin_to_pass();
      }
      // What came before a failure still counts.
      if (failed && !pending_) pending_ = std::move(failed);
      if (pending_ && frames_.empty()) co_return std::unexpected(std::move(*pending_));
      if (pending_) co_return Batch{.frames = frames_, .partial = passes_};
      if (!frames_.empty() || ended_) {
        co_return Batch{.frames = frames_, .ended = ended_, .partial = passes_};
      }
    }
  }

 private:
  // Behind what was given as frames.
  bool absorb(Errand::Taken& taken) {
    const std::size_t rest = held_ != nullptr ? held_->size() - given_ : 0;
    if (taken.bytes == nullptr) return true;
    if (rest == 0) {
      spare_ = std::exchange(held_, std::move(taken.bytes));
      ends_ = std::move(taken.ends);
      given_ = 0;
      return true;
    }
    const std::size_t more = taken.bytes->size();
    if (rest + more > most_) return false;
    if (given_ > 0) {
      std::memmove(held_->data(), held_->data() + given_, rest);
      held_->resize(rest);
      for (std::size_t& end : ends_) end -= given_;
      given_ = 0;
    }
    if (rest + more > held_->capacity()) {
      held_->reserve(std::max(rest + more, 2 * held_->capacity()));
    }
    std::memcpy(held_->data() + rest, taken.bytes->data(), more);
    held_->resize(rest + more);
    for (const std::size_t end : taken.ends) ends_.push_back(rest + end);
    spare_ = std::move(taken.bytes);
    return true;
  }

  // Of the one chunk that is wanted, whose end is not there yet.
  void begin_to_pass() {
    if (framing_ == Errand::Framing::kChunks) given_ = Errand::kBefore.size();
    const std::string_view bytes = held_->view().substr(given_);
    add_frame(bytes, bytes);
    given_ = held_->size();
    passes_ = true;
  }

  // What followed of it.
  void pass_on() {
    if (held_ == nullptr) return;
    std::size_t end = held_->size();
    std::size_t behind = end;
    if (!ends_.empty()) {
      behind = ends_.front();
      end = behind - Errand::kBehind.size();
    }
    if (chunk_ended_ ? held_->size() > given_ : held_->size() > behind) {
      pending_ = several_chunks(Retry::kNever);
    }
    if (chunk_ended_) return;
    chunk_ended_ = !ends_.empty();
    if (end > given_) {
      const std::string_view bytes = held_->view().substr(given_, end - given_);
      frames_.push_back({.json = {}, .wire = bytes, .by_relay = true});
    }
    given_ = behind;
  }

  static gemini::Failure several_chunks(Retry retry) {
    return failure(upstream_error(ErrorKind::kUpstreamFailed, retry,
                                  "the relay node answered with several chunks where one is "
                                  "wanted"));
  }

  // Of all chunks that are complete, up to the first error.
  void make_frames() {
    if (held_ == nullptr) return;
    if (framing_ == Errand::Framing::kChunk) {
      const std::string_view bytes = held_->view().substr(given_);
      if (!bytes.empty()) add_frame(bytes, bytes);
      given_ = held_->size();
      return;
    }
    if (!stream_ && ends_.size() > 1) {
      pending_ = several_chunks(Retry::kNextCredential);
      return;
    }
    for (const std::size_t end : std::exchange(ends_, {})) {
      const std::string_view wire = held_->view().substr(given_, end - given_);
      given_ = end;
      const std::size_t frame = Errand::kBefore.size() + Errand::kBehind.size();
      if (!pending_) add_frame(wire.substr(Errand::kBefore.size(), wire.size() - frame), wire);
    }
  }

  void add_frame(std::string_view text, std::string_view wire) {
    const PaddedView json = PaddedView::promise(text);
    if (gemini::is_error_chunk(json)) {
      pending_ = gemini::classify(
          {.status = 200, .body = json, .retry_after = {}, .now = asked_.clock().wall()});
      return;
    }
    frames_.push_back({.json = json, .wire = stream_ ? wire : text, .by_relay = true});
  }

  Asked asked_;
  const Errand::Framing framing_;
  const bool stream_;
  const bool in_pieces_;
  const std::size_t most_;        // bytes of a chunk
  std::unique_ptr<Buffer> held_;  // frames point into it
  std::unique_ptr<Buffer> spare_;
  std::vector<std::size_t> ends_;  // of chunks in held_ that were not given
  std::size_t given_ = 0;          // bytes of held_
  std::vector<gemini::Frame> frames_;
  std::optional<gemini::Failure> pending_;
  bool ended_ = false;
  bool passes_ = false;       // the answer is given as it comes
  bool chunk_ended_ = false;  // of one that is passed on
};

class NodeBody final : public http::ClientStream {
 public:
  NodeBody(Asked asked, const Errand::Head& head) : asked_(std::move(asked)), head_(head) {
    if (head_.content_type.empty()) {
      head_.content_type =
          head_.framing == Errand::Framing::kChunks ? "text/event-stream" : "application/json";
    }
    headers_.push_back({"content-type", head_.content_type});
    if (!head_.retry_after.empty()) headers_.push_back({"retry-after", head_.retry_after});
  }

  int status() const override { return head_.status; }
  std::span<const http::Header> headers() const override { return headers_; }
  std::optional<std::uint64_t> content_length() const override { return std::nullopt; }

  Task<Result<Piece>> read(net::TimePoint deadline) override {
    if (pending_) co_return fail(std::move(*pending_));
    if (ended_) co_return Piece{.ended = true};
    Attempt<Asked::News> news = co_await asked_.next(deadline, std::move(held_));
    if (!news) co_return fail(std::move(news.error().error));
    if (news->idle) co_return Piece{.idle = true};
    held_ = std::move(news->taken.bytes);
    if (news->taken.end != nullptr) {
      ended_ = true;
      if (std::optional<gemini::Failure> failed = asked_.failure_of(*news->taken.end)) {
        pending_ = std::move(failed->error);
        if (held_ == nullptr) co_return fail(std::move(*pending_));
      }
    }
    co_return Piece{.bytes = held_ != nullptr ? held_->view() : std::string_view(),
                    .ended = ended_ && !pending_};
  }

  Upgraded take_upgraded() override { return {}; }

 private:
  Asked asked_;
  Errand::Head head_;
  std::vector<http::Header> headers_;
  std::unique_ptr<Buffer> held_;
  std::optional<Error> pending_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ChunkStream> make_node_chunks(Asked asked, const Errand::Head& head, bool stream,
                                              bool in_pieces, std::size_t most) {
  return std::make_unique<NodeChunks>(std::move(asked), head.framing, stream, in_pieces, most);
}

std::unique_ptr<http::ClientStream> make_node_body(Asked asked, const Errand::Head& head) {
  return std::make_unique<NodeBody>(std::move(asked), head);
}

}  // namespace wasat::provider
