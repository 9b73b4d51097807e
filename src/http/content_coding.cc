#include "http/content_coding.h"

#include <zlib.h>

#include <algorithm>

namespace wasat::http {
namespace {

constexpr std::size_t kStep = 256 * 1024;  // inflated before others get their turn

struct Inflater {
  Inflater() { usable = inflateInit2(&stream, 15 + 16) == Z_OK; }  // gzip only
  ~Inflater() {
    if (usable) inflateEnd(&stream);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  z_stream stream{};
  bool usable = false;
};

}  // namespace

Task<Result<std::shared_ptr<Buffer>>> gunzip(net::Loop& loop, std::shared_ptr<const Buffer> packed,
                                             std::size_t most) {
  Inflater inflater;
  if (!inflater.usable) co_return fail(internal_error("zlib could not be set up"));
  z_stream& stream = inflater.stream;
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed->data()));
  std::size_t left = packed->size();
  auto out = std::make_shared<Buffer>(std::min(most, std::max<std::size_t>(4 * left, 4096)));
  for (;;) {
    if (out->size() == out->capacity()) {
      if (out->size() >= most) {
        co_return fail(client_error(
            ErrorKind::kTooLarge,
            "the request body is larger than " + std::to_string(most) + " bytes when unpacked"));
      }
      out->reserve(std::min(most, 2 * out->capacity()));
    }
    const std::size_t room = std::min(kStep, out->capacity() - out->size());
    const std::size_t offered = std::min<std::size_t>(left, 1u << 30);
    stream.avail_in = static_cast<uInt>(offered);
    stream.next_out = reinterpret_cast<Bytef*>(out->data() + out->size());
    stream.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream, Z_NO_FLUSH);
    left -= offered - stream.avail_in;
    out->resize(out->size() + room - stream.avail_out);
    if (status == Z_STREAM_END) {
      if (left == 0) co_return out;
      if (inflateReset(&stream) == Z_OK) continue;  // another member
    }
    if ((status != Z_OK && status != Z_STREAM_END) || (left == 0 && stream.avail_out > 0)) {
      co_return fail(client_error(ErrorKind::kInvalidRequest,
                                  left == 0 ? "the gzip body is cut off"
                                            : "the body is not gzip, "
                                              "though its Content-Encoding says so"));
    }
    co_await net::yield(loop);
  }
}

}  // namespace wasat::http
