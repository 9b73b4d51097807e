// Bytes of any coding: the first one chooses it.

#include <cstdint>

#include "http/content_coding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wasat;
  if (size < 1) return 0;
  constexpr std::size_t kMost = 1u << 20;
  const auto coding = static_cast<http::ContentCoding>(1 + data[0] % 4);
  net::Loop loop;
  const auto main = [&]() -> Task<> {
    http::UnpackLimits limits{.most = kMost, .reserve = [](std::size_t) { return Result<>(); }};
    const Result<std::shared_ptr<Buffer>> out = co_await http::unpack(
        loop, coding,
        Buffer::copy_of(std::string_view(reinterpret_cast<const char*>(data) + 1, size - 1)),
        std::move(limits));
    if (out && (*out)->size() > kMost) __builtin_trap();
    loop.stop();
  };
  TaskScope scope;
  loop.post([&] { scope.start(main()); });
  loop.run();
  return 0;
}
