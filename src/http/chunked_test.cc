#include "http/chunked.h"

#include <gtest/gtest.h>

#include <string>

namespace wasat::http {
namespace {

// Feeds `body` cut into pieces of `piece` bytes.
struct Fed {
  std::string decoded;
  std::size_t used = 0;
  ChunkedDecoder decoder;
};
Fed feed(const std::string& body, std::size_t piece) {
  Fed fed;
  for (std::size_t at = 0; at < body.size() && !fed.decoder.ended() && !fed.decoder.malformed();
       at += piece) {
    std::string part = body.substr(at, piece);
    const ChunkedDecoder::Step step = fed.decoder.decode(part.data(), part.size());
    fed.decoded += part.substr(0, step.decoded);
    fed.used += step.used;
  }
  return fed;
}

TEST(ChunkedDecoder, GivesTheSameHoweverTheInputIsSplit) {
  const std::string body =
      "5\r\nhello\r\n1;name=\"value\"\r\n \r\n00006\r\nworld!\r\n0\r\nTrailer: x\r\n\r\nGET";
  for (std::size_t piece = 1; piece <= body.size(); ++piece) {
    const Fed fed = feed(body, piece);
    EXPECT_TRUE(fed.decoder.ended()) << piece;
    EXPECT_EQ(fed.decoded, "hello world!") << piece;
    EXPECT_EQ(fed.used, body.size() - 3) << piece;
  }
}

TEST(ChunkedDecoder, RefusesWhatCouldBeReadInTwoWays) {
  for (const char* body :
       {"x\r\n", "-1\r\n", "\r\n", "11111111111111111\r\n", "5\r\nhelloXX0\r\n\r\n", "5\nhello\r\n",
        "0x5\r\nhello\r\n", "5\r\nhello\n", "0\r\n\n", "0\r\nA: b\n\r\n", "5;a\nb\r\nhello\r\n"}) {
    for (std::size_t piece : {1u, 3u, 100u})
      EXPECT_TRUE(feed(body, piece).decoder.malformed()) << body;
  }
}

TEST(ChunkedDecoder, BoundsWhatFramingMayCost) {
  EXPECT_TRUE(
      feed("1;" + std::string(ChunkedDecoder::kMostOverhead, 'x'), 1024).decoder.malformed());
  std::string trailers = "0\r\n";
  while (trailers.size() < 2 * ChunkedDecoder::kMostOverhead) trailers += "A: b\r\n";
  EXPECT_TRUE(feed(trailers, 1024).decoder.malformed());
}

}  // namespace
}  // namespace wasat::http
