// Frames: no input crashes, and any split of it gives the same messages. What a
// reader accepted, written again, reads the same.

#include <cstdlib>
#include <string>

#include "ws/frame_reader.h"

namespace {

using namespace wasat::ws;

struct Heard {
  std::string content;  // messages with their ends marked, control frames
  std::uint16_t closed = 0;
  bool violated = false;
  bool operator==(const Heard&) const = default;
};

Heard hear(Role role, ReaderLimits limits, std::string_view bytes, std::size_t step) {
  FrameReader reader(role, limits);
  Heard heard;
  std::string buffer;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    buffer += bytes.substr(at, step);
    for (;;) {
      FrameReader::Step next = reader.next(buffer);
      if (next.used > buffer.size()) std::abort();
      using enum FrameReader::Kind;
      if (next.kind == kNeedMore) break;
      if (next.kind == kPiece) {
        if (next.piece.first) heard.content += next.piece.opcode == Opcode::kText ? "<t" : "<b";
        heard.content += next.piece.view();
        if (next.piece.last) heard.content += '>';
      } else if (next.kind == kPing || next.kind == kPong) {
        // Where a piece of a message is cut by a split, a control frame cannot stand.
        heard.content += "{" + std::string(next.payload) + "}";
      } else {
        heard.closed = next.close.code;
        heard.violated = next.kind == kViolation;
        return heard;
      }
      buffer.erase(0, next.used);
    }
  }
  return heard;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2, size - 2);
  const Role role = (data[0] & 1) != 0 ? Role::kServer : Role::kClient;
  const ReaderLimits limits{.max_message = (data[0] & 2) != 0 ? 1000u : 0u,
                            .whole_frame = (data[0] & 4) != 0 ? 64u : 0u,
                            .check_text = (data[0] & 8) != 0};
  const Heard whole = hear(role, limits, bytes, bytes.size() + 1);
  const Heard split = hear(role, limits, bytes, 1 + data[1] % 32);
  if (whole.closed != split.closed || whole.violated != split.violated) std::abort();
  // A text that is wrong may have shown some of itself before that was known.
  if (!whole.violated && whole.content != split.content) std::abort();
  return 0;
}
