// What a node's end puts into an errand, as the exchange pulls it.

#include "provider/relay/node_answer.h"

#include <gtest/gtest.h>

#include "provider/api_key/options.h"
#include "relay/node_seat.h"

namespace wasat::provider {
namespace {

using relay::Errand;
using Framing = Errand::Framing;

constexpr std::size_t kPiece = 256 * 1024;

class NodeAnswerTest : public ::testing::Test {
 protected:
  NodeAnswerTest() {
    relay::Question question;
    question.id = "id";
    errand_ = std::make_shared<Errand>(std::move(question), seat_, loop_, clock_);
  }

  void begin(Framing framing, bool in_pieces) {
    errand_->began({.framing = framing});
    const AttemptContext context{.client = client_,
                                 .clock = clock_,
                                 .api_key = api_key_,
                                 .cancel = cancel_,
                                 .first_byte = net::kNoDeadline};
    stream_ = make_node_chunks(Asked(errand_, context, std::chrono::seconds(10)), *errand_->head(),
                               false, in_pieces, 16u << 20);
    scope_.start(take_all());
  }
  Task<> take_all() {
    for (;;) {
      const Attempt<Batch> batch = co_await stream_->next(net::kNoDeadline);
      if (!batch) {
        failed_ = batch.error().error.detail;
        co_return;
      }
      ++batches_;
      EXPECT_EQ(batch->partial, batches_ > 1 || !batch->ended);
      for (const gemini::Frame& frame : batch->frames) {
        EXPECT_TRUE(frame.by_relay);
        taken_ += frame.wire;
      }
      if (batch->ended) co_return;
    }
  }
  void say(std::string_view bytes) {
    said_ += bytes;
    errand_->piece(bytes, false);
    loop_.run_ready();
  }
  // The last of a chunk.
  void finish(std::string_view bytes) {
    said_ += bytes;
    errand_->piece(bytes, true);
    loop_.run_ready();
  }
  void end(Errand::End how = {}) {
    errand_->end(std::move(how));
    loop_.run_ready();
    EXPECT_TRUE(scope_.empty());
  }

  const ApiKeyOptions api_key_;
  net::Loop loop_;
  ManualClock clock_;
  Cancel cancel_;
  std::unique_ptr<net::TlsContext> tls_ = std::move(*net::TlsContext::create(""));
  http::Client client_{loop_, *tls_, {}};
  std::shared_ptr<relay::NodeSeat> seat_ =
      std::make_shared<relay::NodeSeat>(relay::NodeSeat::Identity{}, loop_);
  std::shared_ptr<Errand> errand_;
  std::unique_ptr<ChunkStream> stream_;
  TaskScope scope_;
  std::string said_;
  std::string taken_;
  std::string failed_;
  int batches_ = 0;
};

TEST_F(NodeAnswerTest, ALargeOneComesInPiecesToWhoTakesThem) {
  begin(Framing::kChunk, true);
  for (char c = 'a'; c < 'a' + 16; ++c) say(std::string(kPiece, c));
  EXPECT_EQ(batches_, 0) << "so far it may be a failure";
  for (char c = 'a'; c < 'a' + 16; ++c) {
    say(std::string(kPiece, c));
    EXPECT_EQ(taken_.size(), said_.size());
  }
  end();
  EXPECT_EQ(taken_, said_);
  EXPECT_EQ(batches_, 17) << "and the end";
  EXPECT_EQ(failed_, "");
}

TEST_F(NodeAnswerTest, ASmallOneIsOneChunk) {
  begin(Framing::kChunk, true);
  for (int i = 0; i < 16; ++i) say(std::string(kPiece, 'a'));
  end();
  EXPECT_EQ(taken_, said_);
  EXPECT_EQ(batches_, 1);
}

TEST_F(NodeAnswerTest, ALargeOneIsHeldForOthers) {
  begin(Framing::kChunk, false);
  for (int i = 0; i < 40; ++i) say(std::string(kPiece, 'a'));
  EXPECT_EQ(batches_, 0);
  end();
  EXPECT_EQ(taken_, said_);
  EXPECT_EQ(batches_, 1);
}

TEST_F(NodeAnswerTest, AnErrorObjectIsAFailureHoweverLarge) {
  begin(Framing::kChunk, true);
  say(R"({"error":{"message":")");
  for (int i = 0; i < 20; ++i) say(std::string(kPiece, 'a'));
  EXPECT_EQ(batches_, 0);
  EXPECT_NE(failed_, "");
}

TEST_F(NodeAnswerTest, TheOneChunkOfBatchMessagesComesInPiecesToo) {
  begin(Framing::kChunks, true);
  for (int i = 0; i < 18; ++i) say(std::string(kPiece, 'a'));
  EXPECT_EQ(taken_, said_);
  finish(std::string(kPiece, 'z'));
  EXPECT_EQ(taken_, said_) << "without what frames it";
  end();
  EXPECT_EQ(taken_, said_);
  EXPECT_EQ(failed_, "");
}

TEST_F(NodeAnswerTest, TheChunkMayEndWithTheAnswer) {
  begin(Framing::kChunks, true);
  for (int i = 0; i < 18; ++i) say(std::string(kPiece, 'a'));
  said_ += "z";
  errand_->piece("z", true);
  end();
  EXPECT_EQ(taken_, said_);
  EXPECT_EQ(failed_, "");
}

TEST_F(NodeAnswerTest, ASecondChunkBehindOneThatWasPassedOnIsAFailure) {
  begin(Framing::kChunks, true);
  for (int i = 0; i < 18; ++i) say(std::string(kPiece, 'a'));
  finish("z");
  const std::string first = said_;
  finish("another");
  EXPECT_NE(failed_, "");
  EXPECT_EQ(taken_, first);
}

TEST_F(NodeAnswerTest, WhatCameBeforeItBreaksIsGiven) {
  begin(Framing::kChunk, true);
  for (int i = 0; i < 20; ++i) say(std::string(kPiece, 'a'));
  end(Errand::End::broken(relay::node_lost()));
  EXPECT_EQ(taken_, said_);
  EXPECT_EQ(failed_, relay::node_lost().detail);
}

}  // namespace
}  // namespace wasat::provider
