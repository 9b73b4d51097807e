#include "simulator/prompt.h"

#include <algorithm>

#include "simulator/fields.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr int kTokensPerImage = 258;
constexpr int kTokensPerSound = 100;

void count_part(json::Value part, Prompt& prompt) {
  if (const json::Value blob = field(part, "inlineData")) {
    const bool audio = field(blob, "mimeType").string_or("").starts_with("audio/");
    (audio ? prompt.audio_tokens : prompt.image_tokens) +=
        audio ? kTokensPerSound : kTokensPerImage;
  } else if (field(part, "fileData")) {
    prompt.image_tokens += kTokensPerImage;
  } else if (const json::Value text = field(part, "text")) {
    prompt.text_tokens += token_count(text.string_or(""));
  } else {
    prompt.text_tokens += token_count(part.raw());
  }
}

// The last turn decides what there is to answer.
void read_last_turn(json::Value content, Prompt& prompt) {
  prompt.text.clear();
  prompt.function_answers.clear();
  each(field(content, "parts"), [&prompt](json::Value part) {
    if (const json::Value answer = field(part, "functionResponse")) {
      prompt.function_answers.push_back({.name = field(answer, "name").string_or(""),
                                         .response = field(answer, "response").raw()});
    } else if (const auto text = field(part, "text").string()) {
      if (!prompt.text.empty()) prompt.text += '\n';
      prompt.text += *text;
    }
  });
}

void read_tools(json::Value request, Prompt& prompt) {
  each(field(request, "tools"), [&prompt](json::Value tool) {
    prompt.search = prompt.search || field(tool, "googleSearch");
    prompt.code = prompt.code || field(tool, "codeExecution");
    each(field(tool, "functionDeclarations"), [&prompt](json::Value function) {
      json::Value schema = field(function, "parametersJsonSchema");
      if (!schema) schema = field(function, "parameters");
      prompt.functions.push_back({.name = field(function, "name").string_or(""), .schema = schema});
      prompt.text_tokens += token_count(function.raw());
    });
  });
  const json::Value config = field(field(request, "toolConfig"), "functionCallingConfig");
  prompt.mode = field(config, "mode").string_or("AUTO");
  each(field(config, "allowedFunctionNames"),
       [&prompt](json::Value name) { prompt.allowed.push_back(name.string_or("")); });
}

void read_thinking(json::Value config, Prompt& prompt) {
  const bool by_budget = prompt.family->thinking.style == gemini::Thinking::Style::kBudget;
  const std::optional<std::int64_t> budget = field(config, "thinkingBudget").integer();
  prompt.thinks = prompt.model->thinking &&
                  prompt.family->thinking.style != gemini::Thinking::Style::kNone &&
                  !(by_budget && budget == 0);
  prompt.include_thoughts =
      prompt.thinks && field(config, "includeThoughts").boolean().value_or(false);
}

void read_config(json::Value config, Prompt& prompt) {
  prompt.mime_type = field(config, "responseMimeType").string_or("");
  prompt.schema = field(config, "responseJsonSchema");
  if (!prompt.schema) prompt.schema = field(config, "responseSchema");
  if (prompt.schema && prompt.mime_type.empty()) prompt.mime_type = "application/json";
  each(field(config, "stopSequences"), [&prompt](json::Value stop) {
    if (!stop.string_or("").empty()) prompt.stop.push_back(stop.string_or(""));
  });
  prompt.max_tokens = static_cast<int>(
      std::clamp<std::int64_t>(field(config, "maxOutputTokens").integer().value_or(0), 0, 1 << 20));
  prompt.candidates = static_cast<int>(
      std::clamp<std::int64_t>(field(config, "candidateCount").integer().value_or(1), 1, 8));
  prompt.logprobs = field(config, "responseLogprobs").boolean().value_or(false);
  prompt.aspect_ratio = field(field(config, "imageConfig"), "aspectRatio").string_or("");
  const json::Value modalities = field(config, "responseModalities");
  prompt.wants_image = prompt.family->image_output;
  prompt.wants_audio = prompt.family->audio_output;
  if (modalities) {
    bool image = false;
    each(modalities, [&](json::Value modality) {
      image = image || lower_case(modality.string_or("")) == "image";
    });
    prompt.wants_image = prompt.wants_image && image;
  }
}

}  // namespace

Prompt read_prompt(json::Value request, const Model& model, std::string_view model_name) {
  Prompt prompt;
  prompt.model = &model;
  prompt.family =
      &gemini::model_family(model_name.starts_with("gemini-sim-") ? model.name : model_name);
  const auto count_parts = [&prompt](json::Value content) {
    each(field(content, "parts"), [&prompt](json::Value part) { count_part(part, prompt); });
  };
  count_parts(field(request, "systemInstruction"));
  each(field(request, "contents"), [&](json::Value content) {
    count_parts(content);
    if (field(content, "role").string_or("user") != "model") read_last_turn(content, prompt);
  });
  read_tools(request, prompt);
  const json::Value config = field(request, "generationConfig");
  read_config(config, prompt);
  read_thinking(field(config, "thinkingConfig"), prompt);
  return prompt;
}

}  // namespace wasat::simulator
