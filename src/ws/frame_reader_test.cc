// RFC 6455 section by section, as a table, and the laws of the reader.

#include "ws/frame_reader.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/random.h"
#include "ws/utf8.h"

namespace wasat::ws {
namespace {

using namespace std::string_literals;

// What a reader made of bytes, one word each: "text:Hello", "ping:x", "close:1000:bye",
// "violation:1002". Pieces of a message are joined; '+' tells of one that has not ended.
struct Read {
  std::vector<std::string> seen;
  std::size_t pieces = 0;
  std::size_t left = 0;
  bool operator==(const Read& other) const { return seen == other.seen && left == other.left; }
};

Read read(Role role, ReaderLimits limits, std::string bytes, std::size_t step = 1u << 20) {
  FrameReader reader(role, limits);
  Read result;
  std::string buffer;
  std::string message;
  bool ended = false;
  for (std::size_t at = 0; at < bytes.size() && !ended; at += step) {
    buffer += bytes.substr(at, step);
    for (;;) {
      FrameReader::Step next = reader.next(buffer);
      if (next.kind == FrameReader::Kind::kNeedMore) break;
      switch (next.kind) {
        case FrameReader::Kind::kNeedMore:
          break;
        case FrameReader::Kind::kPiece:
          ++result.pieces;
          if (next.piece.first) message = next.piece.opcode == Opcode::kText ? "text:" : "binary:";
          message += next.piece.view();
          if (next.piece.last) result.seen.push_back(std::exchange(message, ""));
          break;
        case FrameReader::Kind::kPing:
          result.seen.push_back("ping:" + std::string(next.payload));
          break;
        case FrameReader::Kind::kPong:
          result.seen.push_back("pong:" + std::string(next.payload));
          break;
        case FrameReader::Kind::kClose:
          result.seen.push_back("close:" + std::to_string(next.close.code) + ":" +
                                next.close.reason);
          ended = true;
          break;
        case FrameReader::Kind::kViolation:
          result.seen.push_back("violation:" + std::to_string(next.close.code));
          ended = true;
          break;
      }
      if (ended) break;
      buffer.erase(0, next.used);
    }
  }
  if (!message.empty()) result.seen.push_back("+" + message);
  result.left = ended ? 0 : buffer.size();
  return result;
}

std::string frame(int first, std::string_view payload, const Mask* mask = nullptr) {
  std::string text(head_size(payload.size(), mask != nullptr), '\0');
  write_head(text.data(), {.length = payload.size(), .mask = mask});
  text[0] = static_cast<char>(first);
  std::string body(payload);
  if (mask != nullptr) apply_mask(body, *mask);
  return text + body;
}

struct Case {
  const char* what;
  std::string bytes;  // from a server, not masked
  std::vector<std::string> expected;
};

const Mask kMask{0x37, 0xfa, 0x21, 0x3d};

// Bytes as section 5.7 gives them where it does.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"5.7: a single-frame text message", "\x81\x05Hello"s, {"text:Hello"}},
      {"5.7: a fragmented text message", "\x01\x03Hel\x80\x02lo"s, {"text:Hello"}},
      {"5.7: a ping and its pong", "\x89\x05Hello\x8a\x05Hello"s, {"ping:Hello", "pong:Hello"}},
      {"5.7: 256 bytes of binary",
       "\x82\x7e\x01\x00"s + std::string(256, 'b'),
       {"binary:" + std::string(256, 'b')}},
      {"5.7: 64 KiB of binary",
       "\x82\x7f\0\0\0\0\0\x01\0\0"s + std::string(65536, 'b'),
       {"binary:" + std::string(65536, 'b')}},
      {"5.6: an empty text", "\x81\0"s, {"text:"}},
      {"5.4: fragments may be empty", "\x01\0\0\0\x80\0"s, {"text:"}},
      {"5.4: control frames between fragments",
       "\x01\x01"
       "a\x89\x01p\x80\x01"
       "b"s,
       {"ping:p", "text:ab"}},
      {"5.4: an unfinished message stays unfinished",
       "\x01\x01"
       "a\x89\0"s,
       {"ping:", "+text:a"}},
      {"5.2: RSV1",
       "\xc1\x01"
       "a"s,
       {"violation:1002"}},
      {"5.2: RSV2",
       "\xa1\x01"
       "a"s,
       {"violation:1002"}},
      {"5.2: RSV3 on a control frame", "\x99\0"s, {"violation:1002"}},
      {"5.2: reserved data opcode 3", "\x83\0"s, {"violation:1002"}},
      {"5.2: reserved data opcode 7", "\x87\0"s, {"violation:1002"}},
      {"5.2: reserved control opcode 11", "\x8b\0"s, {"violation:1002"}},
      {"5.2: reserved control opcode 15", "\x8f\0"s, {"violation:1002"}},
      {"5.2: a length of 125 in two bytes", "\x82\x7e\x00\x7d"s, {"violation:1002"}},
      {"5.2: a length of 65535 in eight bytes",
       "\x82\x7f\0\0\0\0\0\0\xff\xff"s,
       {"violation:1002"}},
      {"5.2: a length of 64 bits", "\x82\x7f\x80\0\0\0\0\0\0\0"s, {"violation:1002"}},
      {"5.4: a continuation of nothing",
       "\x80\x01"
       "a"s,
       {"violation:1002"}},
      {"5.4: a continuation behind a whole message",
       "\x81\x01"
       "a\x80\x01"
       "b"s,
       {"text:a", "violation:1002"}},
      {"5.4: a new message within one",
       "\x01\x01"
       "a\x81\x01"
       "b"s,
       {"violation:1002", "+text:a"}},
      {"5.5: a fragmented ping",
       "\x09\x01"
       "a"s,
       {"violation:1002"}},
      {"5.5: a fragmented close", "\x08\0"s, {"violation:1002"}},
      {"5.5: a ping of 125 bytes",
       "\x89\x7d"s + std::string(125, 'p'),
       {"ping:" + std::string(125, 'p')}},
      {"5.5: a ping of 126 bytes", "\x89\x7e\0\x7e"s + std::string(126, 'p'), {"violation:1002"}},
      {"5.1: a server that masks",
       "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s,
       {"violation:1002"}},
      {"5.5.1: a close without a code", "\x88\0"s, {"close:1005:"}},
      {"5.5.1: a close with a code", "\x88\x02\x03\xe8"s, {"close:1000:"}},
      {"5.5.1: a close with a reason",
       "\x88\x05\x03\xe9"
       "bye"s,
       {"close:1001:bye"}},
      {"5.5.1: half a code", "\x88\x01\x03"s, {"violation:1002"}},
      {"5.5.1: a reason that is not UTF-8", "\x88\x03\x03\xe8\xff"s, {"violation:1007"}},
      {"5.5.1: a reason that breaks off", "\x88\x04\x03\xe8\xe2\x82"s, {"violation:1007"}},
      {"5.5.1: nothing counts behind a close",
       "\x88\0\x81\x01"
       "a"s,
       {"close:1005:"}},
      {"7.4: code 999", "\x88\x02\x03\xe7"s, {"violation:1002"}},
      {"7.4: code 1004", "\x88\x02\x03\xec"s, {"violation:1002"}},
      {"7.4: code 1005", "\x88\x02\x03\xed"s, {"violation:1002"}},
      {"7.4: code 1006", "\x88\x02\x03\xee"s, {"violation:1002"}},
      {"7.4: code 1011", "\x88\x02\x03\xf3"s, {"close:1011:"}},
      {"7.4: code 1014", "\x88\x02\x03\xf6"s, {"close:1014:"}},
      {"7.4: code 1015", "\x88\x02\x03\xf7"s, {"violation:1002"}},
      {"7.4: code 2999", "\x88\x02\x0b\xb7"s, {"violation:1002"}},
      {"7.4: code 3000", "\x88\x02\x0b\xb8"s, {"close:3000:"}},
      {"7.4: code 4999", "\x88\x02\x13\x87"s, {"close:4999:"}},
      {"7.4: code 5000", "\x88\x02\x13\x88"s, {"violation:1002"}},
      {"8.1: text that is not UTF-8",
       "\x81\x02"
       "a\xff"s,
       {"violation:1007"}},
      {"8.1: text that ends within a character", "\x81\x02\xe2\x82"s, {"violation:1007"}},
      {"8.1: a character across fragments", "\x01\x02\xe2\x82\x80\x01\xac"s, {"text:\xe2\x82\xac"}},
      {"8.1: a surrogate", "\x81\x03\xed\xa0\x80"s, {"violation:1007"}},
      {"8.1: known to be wrong in the first fragment", "\x01\x01\xff"s, {"violation:1007"}},
      {"5.6: binary is any bytes", "\x82\x02\xff\xfe"s, {"binary:\xff\xfe"}},
  };
  return all;
}

TEST(FrameReader, RfcCases) {
  for (const Case& each : cases()) {
    EXPECT_EQ(read(Role::kClient, {}, each.bytes).seen, each.expected) << each.what;
    // The law: any split of the bytes gives the same, but for what a message has shown of
    // itself before it turned out to be wrong.
    const auto finished = [](std::vector<std::string> seen) {
      std::erase_if(seen, [](const std::string& word) { return word.starts_with('+'); });
      return seen;
    };
    for (const std::size_t step : {1u, 2u, 3u, 7u, 100u}) {
      const Read split = read(Role::kClient, {}, each.bytes, step);
      EXPECT_EQ(finished(split.seen), finished(each.expected))
          << each.what << ", steps of " << step;
    }
  }
}

TEST(FrameReader, ClientsMustMask) {
  EXPECT_EQ(read(Role::kServer, {}, "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s).seen,
            std::vector<std::string>{"text:Hello"});
  EXPECT_EQ(read(Role::kServer, {}, "\x81\x05Hello"s).seen,
            std::vector<std::string>{"violation:1002"});
  EXPECT_EQ(read(Role::kServer, {}, "\x89\0"s).seen, std::vector<std::string>{"violation:1002"});
}

TEST(FrameReader, AMessageAboveItsLimitIsKnownByItsHead) {
  const ReaderLimits limits{.max_message = 10};
  EXPECT_EQ(read(Role::kClient, limits, frame(0x81, "0123456789")).seen,
            std::vector<std::string>{"text:0123456789"});
  EXPECT_EQ(read(Role::kClient, limits, "\x81\x0b"s).seen,
            std::vector<std::string>{"violation:1009"});
  EXPECT_EQ(read(Role::kClient, limits, frame(0x01, "01234") + frame(0x80, "012345")).seen.front(),
            "violation:1009");
  // Each message has the whole limit.
  EXPECT_EQ(read(Role::kClient, limits, frame(0x82, "0123456789") + frame(0x82, "0123456789"))
                .seen.size(),
            2u);
}

TEST(FrameReader, FramesUpToItsLimitComeWhole) {
  const std::string bytes = frame(0x82, std::string(1000, 'a'), &kMask);
  EXPECT_EQ(read(Role::kServer, {.whole_frame = 1000}, bytes, 100).pieces, 1u);
  EXPECT_GT(read(Role::kServer, {.whole_frame = 999}, bytes, 100).pieces, 5u);
}

TEST(FrameReader, WhoPassesTextOnNeedNotCheckIt) {
  EXPECT_EQ(read(Role::kClient, {.check_text = false}, "\x81\x01\xff"s).seen,
            std::vector<std::string>{"text:\xff"});
}

// Random streams: whatever is written reads back, however it is split.
TEST(FrameReader, WhatIsWrittenReadsBackInAnySplit) {
  Random random(7);
  for (int round = 0; round < 300; ++round) {
    std::string bytes;
    std::vector<std::string> expected;
    const Role reader = random.below(2) == 0 ? Role::kServer : Role::kClient;
    for (std::uint64_t messages = 1 + random.below(5); messages > 0; --messages) {
      std::string message;
      const std::uint64_t fragments = 1 + random.below(4);
      for (std::uint64_t i = 0; i < fragments; ++i) {
        if (random.below(3) == 0) {
          const std::string payload(random.below(126), 'p');
          const Mask mask{1, 2, 3, 4};
          append_control(bytes, Opcode::kPing, payload, reader == Role::kServer ? &mask : nullptr);
          expected.push_back("ping:" + payload);
        }
        std::string payload(random.below(random.below(4) == 0 ? 70'000 : 200), '\0');
        for (char& c : payload) c = static_cast<char>(random.next());
        Mask mask;
        for (auto& byte : mask) byte = static_cast<unsigned char>(random.next());
        const int first = (i + 1 == fragments ? 0x80 : 0) | (i == 0 ? 2 : 0);
        bytes += frame(first, payload, reader == Role::kServer ? &mask : nullptr);
        message += payload;
      }
      expected.push_back("binary:" + message);
    }
    const ReaderLimits limits{.whole_frame = random.below(2) == 0 ? 0u : 100'000u};
    for (const std::size_t step : {std::size_t{1u << 20}, 1 + random.below(300)}) {
      const Read result = read(reader, limits, bytes, step);
      ASSERT_EQ(result.seen, expected) << "round " << round << ", steps of " << step;
      ASSERT_EQ(result.left, 0u);
    }
  }
}

TEST(Mask, TwiceIsNothingAtAnyOffset) {
  std::string text(100, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7);
  for (std::size_t offset = 0; offset < 5; ++offset) {
    for (std::size_t size = 0; size < 40; ++size) {
      std::string masked = text.substr(0, size);
      apply_mask(masked, kMask, offset);
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_EQ(masked[i], static_cast<char>(text[i] ^ kMask[(i + offset) % 4]));
      }
      // In two steps it is the same.
      std::string halves = text.substr(0, size);
      apply_mask({halves.data(), size / 3}, kMask, offset);
      apply_mask({halves.data() + size / 3, size - size / 3}, kMask, offset + size / 3);
      ASSERT_EQ(halves, masked);
    }
  }
}

TEST(Utf8, EdgesOfTheRanges) {
  for (const std::string_view good :
       {"", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
        "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "0123456789\xce\xba\xe1\xbd\xb9"}) {
    EXPECT_TRUE(is_utf8(good)) << good;
  }
  for (const std::string_view bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
                                     "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
                                     "\xc2", "\xe2\x82", "\xf0\x90\x80", "abcdefgh\xff"}) {
    EXPECT_FALSE(is_utf8(bad)) << bad;
  }
}

TEST(ClosePayload, IsCutAtACharacter) {
  EXPECT_EQ(close_payload(1000, "bye"),
            "\x03\xe8"
            "bye"s);
  EXPECT_EQ(close_payload(1006, "never on the wire"), "");
  EXPECT_EQ(close_payload(1005, ""), "");
  const std::string long_reason = std::string(122, 'a') + "\xe2\x82\xac";
  EXPECT_EQ(close_payload(1011, long_reason), "\x03\xf3"s + std::string(122, 'a'));
}

}  // namespace
}  // namespace wasat::ws
