// Sampling, limits, output format and thinking: Gemini's generationConfig.

#pragma once

#include "base/result.h"
#include "dialect/openai_chat/request.h"
#include "gemini/model_table.h"
#include "json/writer.h"

namespace wasat::dialect::openai_chat {

struct OutputFormat {
  bool json = false;
  json::Value schema;  // object or absent
};
Result<OutputFormat> read_output_format(const ChatRequest& request);

struct GenerationOptions {
  bool show_thoughts = true;
  OutputFormat format;
};

// Appends the member "generationConfig".
Result<> write_generation_config(json::Writer& writer, const ChatRequest& request,
                                 const gemini::ModelFamily& family,
                                 const GenerationOptions& options);

}  // namespace wasat::dialect::openai_chat
