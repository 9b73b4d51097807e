#include "provider/api_key/answer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <utility>

namespace wasat::provider {
namespace {

using Piece = http::ClientStream::Piece;

// An answer whose pieces are there already. Each piece lies in the same block as the one before.
class ReadyAnswer final : public http::ClientStream {
 public:
  ReadyAnswer(std::deque<std::string> pieces, bool breaks) : pieces_(pieces), breaks_(breaks) {}

  int status() const override { return 200; }
  std::span<const http::Header> headers() const override { return {}; }
  std::optional<std::uint64_t> content_length() const override { return std::nullopt; }
  Task<Result<Piece>> read(net::TimePoint) override {
    if (pieces_.empty() && breaks_) {
      co_return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "broke"));
    }
    std::string next;
    if (!pieces_.empty()) {
      next = std::move(pieces_.front());
      pieces_.pop_front();
    }
    block_ = Buffer::copy_of(next);
    co_return Piece{.bytes = block_->view(), .ended = pieces_.empty() && !breaks_};
  }
  Upgraded take_upgraded() override { return {}; }

 private:
  std::deque<std::string> pieces_;
  std::shared_ptr<Buffer> block_;
  const bool breaks_;
};

struct Given {
  std::string bytes;
  int batches = 0;
  int partial = 0;
  std::size_t largest = 0;
  std::optional<Error> error;
};

Task<> take_all(ChunkStream& stream, Given& all) {
  for (;;) {
    const Attempt<Batch> batch = co_await stream.next(net::kNoDeadline);
    if (!batch) {
      all.error = batch.error().error;
      co_return;
    }
    ++all.batches;
    all.partial += batch->partial ? 1 : 0;
    EXPECT_LE(batch->frames.size(), 1u);
    for (const gemini::Frame& frame : batch->frames) {
      EXPECT_EQ(frame.json.view().empty(), all.batches > 1) << "no chunk, but a piece";
      all.bytes += frame.wire;
      all.largest = std::max(all.largest, frame.wire.size());
    }
    if (batch->ended) co_return;
  }
}

Given given(std::deque<std::string> pieces, bool in_pieces, bool breaks = false) {
  ManualClock clock;
  const AnswerLimits limits{
      .max_answer = 8u << 20, .body_idle = std::chrono::seconds(1), .in_pieces = in_pieces};
  const std::unique_ptr<ChunkStream> stream =
      make_chunk_stream(std::make_unique<ReadyAnswer>(std::move(pieces), breaks), clock, limits);
  Given all;
  TaskScope scope;
  scope.start(take_all(*stream, all));
  EXPECT_TRUE(scope.empty());
  return all;
}

constexpr std::size_t kPiece = 256 * 1024;

std::deque<std::string> pieces_of(std::size_t count) {
  std::deque<std::string> pieces;
  for (std::size_t i = 0; i < count; ++i) {
    pieces.emplace_back(kPiece, static_cast<char>('a' + i % 26));
  }
  pieces.front().replace(0, 2, "{\"");
  return pieces;
}

std::string joined(const std::deque<std::string>& pieces) {
  std::string all;
  for (const std::string& piece : pieces) all += piece;
  return all;
}

TEST(WholeAnswer, UpToABoundItIsOneChunk) {
  for (const std::size_t count : {1u, 2u, 16u}) {
    const Given all = given(pieces_of(count), true);
    EXPECT_EQ(all.bytes, joined(pieces_of(count)));
    EXPECT_EQ(all.batches, 1);
    EXPECT_EQ(all.partial, 0);
  }
}

TEST(WholeAnswer, BeyondItComesInPiecesToWhoTakesThem) {
  const Given all = given(pieces_of(100), true);
  EXPECT_EQ(all.bytes, joined(pieces_of(100))) << "more than max_answer, which bounds what is held";
  EXPECT_EQ(all.batches, 100 - 16);
  EXPECT_EQ(all.partial, all.batches);
  EXPECT_EQ(all.largest, kMostWhole + kPiece);
  EXPECT_FALSE(all.error);
}

TEST(WholeAnswer, BeyondItIsHeldForOthers) {
  const Given all = given(pieces_of(30), false);
  EXPECT_EQ(all.bytes, joined(pieces_of(30)));
  EXPECT_EQ(all.batches, 1);
  EXPECT_EQ(all.partial, 0);
  EXPECT_TRUE(given(pieces_of(40), false).error);
}

TEST(WholeAnswer, AnErrorObjectIsAFailureHoweverLarge) {
  std::deque<std::string> pieces = pieces_of(30);
  pieces.front().replace(0, 10, R"({"error":{)");
  const Given all = given(pieces, true);
  EXPECT_EQ(all.batches, 0);
  EXPECT_TRUE(all.error);
}

TEST(WholeAnswer, WhatCameBeforeItBreaksIsGiven) {
  const Given all = given(pieces_of(30), true, true);
  EXPECT_EQ(all.bytes, joined(pieces_of(30)));
  ASSERT_TRUE(all.error);
  EXPECT_EQ(all.error->detail, "broke");
  EXPECT_EQ(given(pieces_of(3), true, true).batches, 0);
}

}  // namespace
}  // namespace wasat::provider
