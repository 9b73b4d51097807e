#include "simulator/models.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "json/writer.h"

namespace wasat::simulator {
namespace {

using enum Model::Serves;
constexpr int kMillion = 1048576;

constexpr std::array kModels = {
    Model{"gemini-2.5-flash", "001", "Gemini 2.5 Flash", kMillion, 65536, kText, true},
    Model{"gemini-2.5-pro", "2.5", "Gemini 2.5 Pro", kMillion, 65536, kText, true},
    Model{"gemini-2.0-flash", "2.0", "Gemini 2.0 Flash", kMillion, 8192, kText, false},
    Model{"gemini-2.0-flash-001", "2.0", "Gemini 2.0 Flash 001", kMillion, 8192, kText, false},
    Model{"gemini-2.0-flash-lite", "2.0", "Gemini 2.0 Flash-Lite", kMillion, 8192, kText, false},
    Model{"gemini-2.5-flash-preview-tts", "gemini-2.5-flash-exp-tts-2025-05-19",
          "Gemini 2.5 Flash Preview TTS", 8192, 16384, kMedia, false},
    Model{"gemini-2.5-pro-preview-tts", "gemini-2.5-pro-preview-tts-2025-05-19",
          "Gemini 2.5 Pro Preview TTS", 8192, 16384, kMedia, false},
    Model{"gemma-4-31b-it", "001", "Gemma 4 31B IT", 262144, 32768, kText, false},
    Model{"gemini-flash-latest", "Gemini Flash Latest", "Gemini Flash Latest", kMillion, 65536,
          kText, true, true},
    Model{"gemini-flash-lite-latest", "Gemini Flash-Lite Latest", "Gemini Flash-Lite Latest",
          kMillion, 65536, kText, true, true},
    Model{"gemini-pro-latest", "Gemini Pro Latest", "Gemini Pro Latest", kMillion, 65536, kText,
          true, true},
    Model{"gemini-2.5-flash-lite", "001", "Gemini 2.5 Flash-Lite", kMillion, 65536, kText, true},
    Model{"gemini-2.5-flash-image", "2.0", "Nano Banana", 32768, 32768, kMedia, false},
    Model{"gemini-3-pro-preview", "3-pro-preview-11-2025", "Gemini 3 Pro Preview", kMillion, 65536,
          kText, true},
    Model{"gemini-3-flash-preview", "3-flash-preview-12-2025", "Gemini 3 Flash Preview", kMillion,
          65536, kText, true},
    Model{"gemini-3.1-pro-preview", "3.1-pro-preview-01-2026", "Gemini 3.1 Pro Preview", kMillion,
          65536, kText, true},
    Model{"gemini-3.1-flash-lite", "3.1-flash-lite-05-2026", "Gemini 3.1 Flash Lite", kMillion,
          65536, kText, true},
    Model{"gemini-3-pro-image-preview", "3.0", "Nano Banana Pro", 131072, 32768, kMedia, true},
    Model{"nano-banana-pro-preview", "3.0", "Nano Banana Pro", 131072, 32768, kMedia, true},
    Model{"gemini-3.1-flash-image", "3.0", "Nano Banana 2", 65536, 65536, kMedia, true},
    Model{"gemini-3.5-flash", "3.5-flash-05-2026", "Gemini 3.5 Flash", kMillion, 65536, kText,
          true},
    Model{"gemini-3.5-flash-lite", "3.5-flash-lite-07-2026", "Gemini 3.5 Flash Lite", kMillion,
          65536, kText, true},
    Model{"gemini-3.6-flash", "3.6-flash-07-2026", "Gemini 3.6 Flash", kMillion, 65536, kText, true,
          true},
    Model{"gemini-embedding-001", "001", "Gemini Embedding 001", 2048, 1, kVectors, false},
    Model{"gemini-embedding-2", "2", "Gemini Embedding 2", 8192, 1, kVectors, false},
};

void write_model(json::Writer& writer, const Model& model) {
  writer.begin_object()
      .member("name", std::string("models/").append(model.name))
      .member("version", model.version)
      .member("displayName", model.display_name)
      .member("description", std::string(model.display_name).append(", simulated"))
      .member("inputTokenLimit", model.input_limit)
      .member("outputTokenLimit", model.output_limit);
  writer.key("supportedGenerationMethods").begin_array();
  if (model.serves == kVectors) {
    for (const char* method : {"embedContent", "countTextTokens", "countTokens"}) {
      writer.string(method);
    }
  } else {
    for (const char* method : {"generateContent", "countTokens"}) writer.string(method);
    if (model.serves == kText) writer.string("createCachedContent");
    writer.string("batchGenerateContent");
  }
  writer.end_array();
  if (model.serves != kVectors) {
    writer.member("temperature", 1)
        .member("topP", 0.95)
        .member("topK", 64)
        .member("maxTemperature", 2);
  }
  if (model.thinking) writer.member("thinking", true);
  writer.end_object();
}

template <class Number>
bool read(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

const Model* find_model(std::string_view name) {
  const auto found = std::ranges::find(kModels, name, &Model::name);
  if (found != kModels.end()) return &*found;
  if (name.starts_with("gemini-sim-")) return kModels.data();
  return nullptr;
}

std::string model_json(const Model& model) {
  std::string out;
  json::Writer writer(out);
  write_model(writer, model);
  return out;
}

ModelPage list_models(std::string_view page_size, std::string_view page_token) {
  ModelPage page;
  std::size_t size = 50;
  std::size_t from = 0;
  constexpr std::string_view kTokenPrefix = "page-";
  const bool bad_token =
      !page_token.empty() && (!page_token.starts_with(kTokenPrefix) ||
                              !read(page_token.substr(kTokenPrefix.size()), from));
  if ((!page_size.empty() && !read(page_size, size)) || bad_token) {
    page.error = invalid_argument(bad_token ? "Page token is invalid." : "Invalid page size.");
    return page;
  }
  size = size == 0 ? 50 : std::min<std::size_t>(size, 1000);
  const std::size_t to = std::min(kModels.size(), from + size);
  json::Writer writer(page.json);
  writer.begin_object().key("models").begin_array();
  for (std::size_t i = from; i < to; ++i) write_model(writer, kModels[i]);
  writer.end_array();
  if (to < kModels.size()) {
    writer.member("nextPageToken", std::string(kTokenPrefix) + std::to_string(to));
  }
  writer.end_object();
  page.ok = true;
  return page;
}

}  // namespace wasat::simulator
