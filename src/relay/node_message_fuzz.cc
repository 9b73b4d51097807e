// A message of a node, in any of the protocols (first byte) and any split (second byte): it
// breaks nothing, and every split and either road tell the same. As the body of a request, it
// stays a value or is refused.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "json/reader.h"
#include "relay/body_check.h"
#include "relay/heard_test.h"
#include "ws/utf8.h"

namespace {

using namespace wasat;
using namespace wasat::relay;

std::vector<std::string_view> parts_of(std::string_view text, std::uint32_t chance) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    chance = chance * 1664525 + 1013904223;
    const std::size_t size = std::min<std::size_t>(text.size(), (chance >> 16) % 24);
    parts.push_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  parts.push_back(text);
  return parts;
}

std::vector<std::string> told(const test::NamedProtocol& named, ProtocolLimits limits,
                              const std::vector<std::string_view>& parts) {
  test::Heard heard;
  const std::unique_ptr<Protocol> protocol = named.make(limits);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    protocol->read(parts[i], i == 0, i + 1 == parts.size(), heard);
  }
  std::vector<std::string> lines = heard.take();
  std::size_t problems = 0;
  for (const std::string& line : lines) problems += line.starts_with("misunderstood ") ? 1 : 0;
  if (problems > 1) std::abort();
  return lines;
}

// Without the white space around it.
std::string_view document_text(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  text.remove_prefix(text.find_first_not_of(kSpace));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

void as_body(const test::NamedProtocol& named, std::string_view text) {
  const auto buffer = Buffer::copy_of(text);
  const Body body = Body::of(buffer);
  json::Document document;
  const bool is_json = document.parse(buffer->padded()).has_value();
  BodyCheck check(body);
  BodyCheck::State state = BodyCheck::State::kMore;
  while (state == BodyCheck::State::kMore) state = check.step(1 + text.size() / 3);
  if ((state == BodyCheck::State::kGood) != is_json) std::abort();
  if (!is_json) return;
  const std::unique_ptr<Protocol> protocol = named.make({});
  const std::unique_ptr<OutgoingMessage> message = protocol->request(
      {.id = "r-1", .method = "POST", .path = text, .query = text, .stream = true, .body = &body});
  const auto sent = Buffer::copy_of(test::whole(*message));
  const Result<json::Value> root = document.parse(sent->padded(), json::kMaxDepth + 1);
  if (!root) std::abort();
  const json::Value envelope = (*root)["payload"];
  const json::Value spoken = envelope ? envelope : *root;
  if (spoken["method"].string_or("") != "POST") std::abort();
  const json::Value written = spoken["body"];
  if (written.string_or("") != text && written.raw() != document_text(text)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  static const std::vector<test::NamedProtocol> kProtocols = test::protocols();
  const test::NamedProtocol& named = kProtocols[data[0] % kProtocols.size()];
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  const std::vector<std::string_view> parts = parts_of(text, data[1]);

  const std::vector<std::string> whole = told(named, {}, {text});
  if (told(named, {}, parts) != whole) std::abort();
  const std::vector<std::string> scanned = told(named, {.whole_message = 0}, {text});
  const std::vector<std::string> in_parts = told(named, {.whole_message = 0}, parts);
  if (ws::is_utf8(text) && (!test::agree(whole, scanned) || !test::agree(whole, in_parts))) {
    std::abort();
  }
  (void)told(named, {.whole_message = 0, .held = 16}, parts);
  as_body(named, text);
  return 0;
}
