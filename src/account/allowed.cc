#include "account/allowed.h"

#include <algorithm>

namespace wasat::account {
namespace {

constexpr std::string_view kRelay = "relay";

}  // namespace

Result<Allowed> Allowed::parse(std::string_view words) {
  Allowed allowed;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find_first_of(", \t\r\n"), words.size());
    const std::string_view word = words.substr(0, end);
    words.remove_prefix(std::min(end + 1, words.size()));
    if (word.empty() || word == "none") continue;
    if (word == "all") {
      allowed.add(all());
    } else if (word == kRelay) {
      allowed.add_relay();
    } else if (const auto kind = gemini::find_resource_kind(word)) {
      allowed.add(*kind);
    } else {
      return fail(client_error(ErrorKind::kInvalidRequest,
                               "\"" + std::string(word) + "\" is no kind of resource"));
    }
  }
  return allowed;
}

std::string Allowed::text() const {
  std::string text;
  const auto say = [&text](std::string_view word) {
    if (!text.empty()) text += ',';
    text += word;
  };
  Allowed kinds = *this;
  kinds.bits_ &= static_cast<std::uint16_t>(~kRelayBit);
  if (kinds == all()) {
    say("all");
  } else {
    for (const gemini::ResourceKindRow& row : gemini::kResourceKinds) {
      if ((*this)(row.kind)) say(row.name);
    }
  }
  if (relay()) say(kRelay);
  return text.empty() ? "none" : text;
}

}  // namespace wasat::account
