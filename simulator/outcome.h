// What the simulator answers to a request, before it is put on the wire.
// Pure: no I/O, no clock, no shared state.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "dialect/gemini/path.h"
#include "simulator/fault.h"
#include "simulator/script.h"

namespace wasat::simulator {

struct Outcome {
  int status = 200;
  std::string_view content_type;
  // The body's bytes. Streams: one entry per chunk, with its framing. `tail`
  // closes an array.
  std::vector<std::string> frames;
  std::string_view tail;

  std::size_t size() const;
};

// `fault` shapes what the model says (kBlocked ... kThoughtsOnly, kNoReason). A
// script, or null, says what the model says as far as it has a step for it. Of the
// prompt, `cached_tokens` were cached, unless the script says otherwise.
Outcome make_outcome(const dialect::native::Target& target, PaddedView body, std::uint64_t seed,
                     std::optional<Fault> fault, const Script* script = nullptr,
                     int cached_tokens = 0);

// A refusal in the form that the endpoint has: inside an array for JSON-array streams.
Outcome refused(const GoogleError& error, dialect::native::Framing framing);
// Its body alone.
std::string refusal_text(const GoogleError& error, dialect::native::Framing framing);

// One chunk in the endpoint's framing; `first` matters for arrays.
std::string framed(std::string_view compact, dialect::native::Framing framing, bool first);

}  // namespace wasat::simulator
