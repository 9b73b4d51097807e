// Calls that are priced by what they make and not by tokens: pictures by Imagen (`predict`), films
// by Veo (`predictLongRunning`). Pure.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gemini/call.h"

namespace wasat::gemini {

struct PieceCall {
  std::string_view method;  // "predict"
  std::string model;
  Usage pieces;  // that the request asks for: `images`, or `seconds` of all its films
};

// Nothing: it is no such call. What the request leaves open counts as what the API makes then,
// four pictures and one film of eight seconds (ai.google.dev/gemini-api/docs/imagen, .../video).
std::optional<PieceCall> piece_call(const Call& call);

}  // namespace wasat::gemini
