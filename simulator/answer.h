// What the simulated model says, as pieces in order, before any framing.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "simulator/fault.h"
#include "simulator/prompt.h"

namespace wasat::simulator {

struct Piece {
  enum class Kind : unsigned char { kThought, kText, kPart } kind = Kind::kText;
  std::string text;       // kThought, kText
  std::string part;       // kPart: the inside of a part object, compact: "functionCall":{...}
  std::string signature;  // base64, or empty
  int tokens = 0;
};

struct Answer {
  std::vector<Piece> pieces;
  std::string finish_reason = "STOP";  // empty: none is given
  std::string finish_message;
  std::string block_reason;     // of the prompt; then there are no candidates
  std::string grounding;        // groundingMetadata as compact JSON, or empty
  std::string output_modality;  // "IMAGE", "AUDIO": candidatesTokensDetails; else empty
  int thought_tokens = 0;
  int cached_tokens = 0;               // of the prompt
  bool signature_behind_text = false;  // alone on a last, empty text part of a stream
};

// The same prompt and seed give the same answer. `candidate` varies it.
Answer make_answer(const Prompt& prompt, std::uint64_t seed, int candidate);

// What a fault makes of it (kBlocked ... kThoughtsOnly, kNoReason); others leave it alone.
void befall(Answer& answer, Fault fault);

}  // namespace wasat::simulator
