#include "bench/nodes/messages.h"

#include <array>
#include <cstdio>

#include "bench/frames.h"
#include "bench/wire.h"

namespace bench {
namespace {

constexpr std::array<char, 4> kMask{0x12, 0x34, 0x56, 0x78};
constexpr std::string_view kBefore = R"({"candidates":[{"content":{"parts":[{"text":")";
constexpr std::string_view kUsage =
    R"("index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":17,)"
    R"("totalTokenCount":26},"modelVersion":"gemini-2.5-flash","responseId":"b3NlIGEgcmFuZG9t"})";
constexpr std::size_t kLarge = 1 << 20;

std::string chunk_end(bool last) {
  return std::string(R"("}],"role":"model"},)") + (last ? R"("finishReason":"STOP",)" : "") +
         std::string(kUsage);
}

std::string_view member(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return {};
  text.remove_prefix(at + name.size());
  return text.substr(0, text.find('"'));
}

}  // namespace

Messages::Messages() {
  const std::string end = chunk_end(true);
  whole_ = std::string(kBefore) + "#000000 ";
  whole_.append(1024 - whole_.size() - end.size(), 'w');
  whole_ += end;
  large_.assign(kLarge, 'w');
}

void Messages::say(std::string& out) { append_frame(out, 1, text_, &kMask); }

void Messages::whole(std::string& out, std::string_view id) {
  text_.assign(R"({"id":")").append(id).append(R"(","success":true,"payload":)");
  text_.append(whole_).append("}");
  say(out);
}

void Messages::event(std::string& out, std::string_view id, unsigned number, std::uint64_t sent,
                     bool last) {
  std::array<char, 64> mark;
  std::snprintf(mark.data(), mark.size(), sent != 0 ? "#%06u @%llu " : "#%06u ", number % 1000000,
                static_cast<unsigned long long>(sent));
  text_.assign(R"({"id":")").append(id).append(R"(","stream":true,"type":"batch","chunks":[)");
  text_.append(kBefore).append(mark.data());
  text_.append("in the middle of things there is always one more word to come, and then ");
  text_.append(chunk_end(last)).append(last ? R"(],"done":true})" : "]}");
  say(out);
}

void Messages::large(std::string& out, std::string_view id, bool last) {
  text_.assign(R"({"id":")").append(id).append(R"(","stream":true,"type":"batch","chunks":[)");
  text_.append(kBefore).append(large_).append(chunk_end(last));
  text_.append(last ? R"(],"done":true})" : "]}");
  say(out);
}

void Messages::large_whole(std::string& out, std::string_view id, bool first, bool last) {
  text_.clear();
  if (first) {
    text_.append(R"({"id":")").append(id).append(R"(","success":true,"payload":)");
    text_.append(kBefore);
  }
  text_.append(large_);
  if (last) text_.append(chunk_end(true)).append("}");
  append_frame(out, first ? 1 : 0, text_, &kMask, last);
}

Asked read_request(std::string_view text) {
  const std::string_view path = member(text, R"("path":")");
  if (path.empty()) return {};
  return {.id = member(text, R"("id":")"), .path = path};
}

unsigned read_count(std::string_view text) {
  if (text.find("cluster_sync") == std::string_view::npos) return 0;
  const std::size_t at = text.find(R"("count":)");
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + 8);
  while (text.starts_with(' ')) text.remove_prefix(1);
  return static_cast<unsigned>(number(text));
}

}  // namespace bench
