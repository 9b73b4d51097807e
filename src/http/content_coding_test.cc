#include "http/content_coding.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace wasat::http {
namespace {

using enum ContentCoding;

std::string zlib_packed(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(compressBound(text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string packed(ContentCoding coding, std::string_view text) {
  switch (coding) {
    case kIdentity:
      return std::string(text);
    case kGzip:
      return zlib_packed(text, 15 + 16);
    case kDeflate:
      return zlib_packed(text, 15);
    case kBrotli: {
      std::size_t size = BrotliEncoderMaxCompressedSize(text.size());
      std::string out(size, '\0');
      BrotliEncoderCompress(5, 22, BROTLI_DEFAULT_MODE, text.size(),
                            reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                            reinterpret_cast<std::uint8_t*>(out.data()));
      out.resize(size);
      return out;
    }
    case kZstd:
      break;
  }
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

Result<std::string> unpacked(ContentCoding coding, std::string_view bytes, std::size_t most,
                             std::size_t budget = SIZE_MAX) {
  net::Loop loop;
  std::optional<Result<std::string>> result;
  const auto main = [&]() -> Task<> {
    UnpackLimits limits{.most = most, .reserve = [budget](std::size_t n) -> Result<> {
                          if (n <= budget) return {};
                          return fail(internal_error("full", ErrorKind::kUnavailable));
                        }};
    Result<std::shared_ptr<Buffer>> out =
        co_await unpack(loop, coding, Buffer::copy_of(bytes), std::move(limits));
    if (out) {
      result.emplace(std::string((*out)->view()));
    } else {
      result.emplace(fail(out.error()));
    }
    loop.stop();
  };
  TaskScope scope;
  loop.post([&] { scope.start(main()); });
  loop.run();
  return *result;
}

class ContentCodings : public testing::TestWithParam<ContentCoding> {};
INSTANTIATE_TEST_SUITE_P(All, ContentCodings, testing::Values(kGzip, kDeflate, kBrotli, kZstd));

TEST_P(ContentCodings, AreUndone) {
  std::string text;
  for (int i = 0; i < 100'000; ++i) text += std::to_string(i * 7919);
  for (const std::string& each : {std::string("{}"), std::string(), text}) {
    EXPECT_EQ(unpacked(GetParam(), packed(GetParam(), each), 1u << 20), each);
    EXPECT_EQ(unpacked(GetParam(), packed(GetParam(), each), std::max<std::size_t>(each.size(), 1)),
              each);
  }
}

// P70: the limit counts what comes out.
TEST_P(ContentCodings, P70_ABombIsDefused) {
  const std::string bomb = packed(GetParam(), std::string(8u << 20, 'x'));
  ASSERT_LT(bomb.size(), 20'000u);
  const auto result = unpacked(GetParam(), bomb, 1u << 20);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kTooLarge);
  // Nor does it get memory that others have.
  EXPECT_EQ(unpacked(GetParam(), bomb, 64u << 20, 1u << 20).error().kind, ErrorKind::kUnavailable);
}

TEST_P(ContentCodings, WhatIsCutOffIsRefused) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += std::to_string(i * 7919);
  const std::string whole = packed(GetParam(), text);
  for (std::size_t n = 1; n < whole.size(); n += 1 + whole.size() / 50) {
    const auto result = unpacked(GetParam(), std::string_view(whole).substr(0, n), 1u << 20);
    ASSERT_FALSE(result) << n;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidRequest);
  }
}

TEST_P(ContentCodings, OtherBytesAreRefused) {
  for (const char* bytes : {"{\"a\": 1}", "this is nothing of the kind", "\xff\xff\xff\xff"}) {
    const auto result = unpacked(GetParam(), bytes, 1u << 20);
    ASSERT_FALSE(result) << bytes;
    EXPECT_EQ(result.error().kind, ErrorKind::kInvalidRequest);
  }
}

TEST(ContentCoding, SeveralMembersAreOneBody) {
  EXPECT_EQ(unpacked(kGzip, packed(kGzip, "one ") + packed(kGzip, "two"), 100), "one two");
  EXPECT_EQ(unpacked(kZstd, packed(kZstd, "one ") + packed(kZstd, "two"), 100), "one two");
}

TEST(ContentCoding, RawDeflateIsTakenToo) {
  EXPECT_EQ(unpacked(kDeflate, zlib_packed("hello hello", -15), 100), "hello hello");
}

TEST(ContentCoding, AZstdWindowIsBounded) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 27);
  const std::string text(1000, 'x');
  std::string out(10'000, '\0');
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_outBuffer to{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_flush);
  ZSTD_compressStream2(context, &to, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  const auto result = unpacked(kZstd, out.substr(0, to.pos), 1u << 20);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kInvalidRequest);
}

TEST(ContentCoding, Names) {
  EXPECT_EQ(content_coding(""), kIdentity);
  EXPECT_EQ(content_coding("GZip"), kGzip);
  EXPECT_EQ(content_coding("br"), kBrotli);
  EXPECT_EQ(content_coding("zstd"), kZstd);
  EXPECT_EQ(content_coding("gzip, br"), std::nullopt);
  EXPECT_EQ(content_coding("compress"), std::nullopt);
}

}  // namespace
}  // namespace wasat::http
