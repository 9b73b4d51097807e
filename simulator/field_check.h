// Refuses what proto3 JSON refuses: unknown fields, and lists or scalars where a
// message belongs; in Google's words, with the place in snake_case.

#pragma once

#include <optional>

#include "json/reader.h"
#include "simulator/google_error.h"

namespace wasat::simulator {

enum class Message : unsigned char {
  kAny,  // scalars, and messages whose fields nobody checks
  kMapOfSchema,
  kGenerateRequest,
  kCountRequest,
  kEmbedRequest,
  kBatchEmbedRequest,
  kContent,
  kPart,
  kBlob,
  kFileData,
  kFunctionCall,
  kFunctionResponse,
  kTool,
  kFunctionDeclaration,
  kSchema,
  kToolConfig,
  kCallingConfig,
  kSafetySetting,
  kGenerationConfig,
  kThinkingConfig,
  kImageConfig,
};

std::optional<GoogleError> check_fields(json::Value body, Message message);

}  // namespace wasat::simulator
