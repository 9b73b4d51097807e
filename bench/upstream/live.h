// The upstream's WebSocket: says that a session is set up, then every frame comes back.

#pragma once

#include <string>
#include <string_view>

namespace bench {

// The answer that accepts the upgrade in this head; empty if it asks for none.
std::string accept_upgrade(std::string_view head);

// Answers the whole frames at the front of `data`; how many bytes they took. False
// in `open`: the client closes.
std::size_t answer_frames(std::string_view data, std::string& out, bool& open);

}  // namespace bench
