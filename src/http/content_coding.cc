#include "http/content_coding.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>

#include "http/decoder.h"
#include "http/message.h"

namespace wasat::http {
namespace {

constexpr std::size_t kStep = 256 * 1024;  // unpacked before others get their turn

struct Name {
  std::string_view text;
  ContentCoding coding;
};
constexpr std::array kNames = {
    Name{"", ContentCoding::kIdentity},       Name{"identity", ContentCoding::kIdentity},
    Name{"gzip", ContentCoding::kGzip},       Name{"x-gzip", ContentCoding::kGzip},
    Name{"deflate", ContentCoding::kDeflate}, Name{"br", ContentCoding::kBrotli},
    Name{"zstd", ContentCoding::kZstd},
};

Error bad_body(bool cut_off) {
  return client_error(ErrorKind::kInvalidRequest,
                      cut_off ? "the compressed body is cut off"
                              : "the body is not what its Content-Encoding says");
}

}  // namespace

std::optional<ContentCoding> content_coding(std::string_view name) {
  for (const Name& each : kNames) {
    if (equals_ignoring_case(each.text, name)) return each.coding;
  }
  return std::nullopt;
}

Task<Result<std::shared_ptr<Buffer>>> unpack(net::Loop& loop, ContentCoding coding,
                                             std::shared_ptr<const Buffer> packed,
                                             UnpackLimits limits) {
  const std::unique_ptr<Decoder> decoder = make_decoder(coding);
  if (decoder == nullptr) co_return fail(internal_error("no decoder could be set up"));
  std::string_view left = packed->view();
  const std::size_t first =
      std::min(limits.most, std::max<std::size_t>(4 * left.size(), std::size_t{4096}));
  if (Result<> reserved = limits.reserve(first); !reserved) co_return fail(reserved.error());
  auto out = std::make_shared<Buffer>(first);
  for (;;) {
    if (out->size() == out->capacity() || out->size() >= limits.most) {
      if (out->size() >= limits.most) {
        // There may be nothing more; one byte of room tells.
        std::array<char, 1> room;
        const Decoder::Step step = decoder->step(left, room);
        left.remove_prefix(step.used);
        if (step.made == 0 && step.state == Decoder::State::kEnded && left.empty()) co_return out;
        co_return fail(client_error(ErrorKind::kTooLarge, "the request body is larger than " +
                                                              std::to_string(limits.most) +
                                                              " bytes when unpacked"));
      }
      const std::size_t larger = std::min(limits.most, 2 * out->capacity());
      if (Result<> reserved = limits.reserve(larger); !reserved) co_return fail(reserved.error());
      out->reserve(larger);
    }
    const std::size_t room =
        std::min({kStep, out->capacity() - out->size(), limits.most - out->size()});
    const Decoder::Step step = decoder->step(left, {out->data() + out->size(), room});
    left.remove_prefix(step.used);
    out->resize(out->size() + step.made);
    if (step.state == Decoder::State::kBroken) co_return fail(bad_body(false));
    if (step.state == Decoder::State::kEnded && left.empty()) co_return out;
    // Room is left, and there is nothing that could fill it.
    if (step.state == Decoder::State::kGoing && left.empty() && step.made < room) {
      co_return fail(bad_body(true));
    }
    if (step.used == 0 && step.made == 0) co_return fail(bad_body(false));
    co_await net::yield(loop);
  }
}

}  // namespace wasat::http
