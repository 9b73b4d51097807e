#include "bench/upstream/live.h"

#include <openssl/evp.h>

#include <array>

#include "bench/frames.h"
#include "bench/wire.h"

namespace bench {

std::string accept_upgrade(std::string_view head) {
  const std::string_view key = header_value(head, "sec-websocket-key");
  if (key.empty()) return {};
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, 20> digest;
  EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha1(), nullptr);
  std::array<unsigned char, 32> accept{};
  EVP_EncodeBlock(accept.data(), digest.data(), static_cast<int>(digest.size()));
  return std::string(
             "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: "
             "Upgrade\r\nSec-WebSocket-Accept: ") +
         reinterpret_cast<const char*>(accept.data()) + "\r\n\r\n";
}

std::size_t answer_frames(std::string_view data, std::string& out, bool& open) {
  std::size_t used = 0;
  std::string payload;
  for (;;) {
    const Frame frame = first_frame(data.substr(used));
    if (frame.size == 0) return used;
    used += frame.size;
    payload.assign(frame.payload);
    for (std::size_t i = 0; i < payload.size(); ++i) {
      payload[i] = static_cast<char>(payload[i] ^ frame.mask[i % 4]);
    }
    if (frame.opcode >= 8) {
      if (frame.opcode == 9) append_frame(out, 10, payload, nullptr);
      if (frame.opcode == 8) open = false;
      continue;
    }
    append_frame(out, 2, payload.starts_with("{\"setup\"") ? R"({"setupComplete": {}})" : payload,
                 nullptr);
  }
}

}  // namespace bench
