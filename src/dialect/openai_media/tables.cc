#include "dialect/openai_media/tables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "gemini/model_table.h"

namespace wasat::dialect::openai_media {
namespace {

struct ModelRow {
  Task task;
  std::string_view glob;  // of what clients write; empty: the task's default
  std::string_view model;
};

constexpr std::array kModels = {
    ModelRow{Task::kEmbedding, "", "gemini-embedding-001"},
    ModelRow{Task::kEmbedding, "text-embedding-3-*", "gemini-embedding-001"},
    ModelRow{Task::kEmbedding, "text-embedding-ada-*", "gemini-embedding-001"},
    ModelRow{Task::kImage, "", "gemini-3.1-flash-image"},
    ModelRow{Task::kImage, "dall-e-*", "gemini-3.1-flash-image"},
    ModelRow{Task::kImage, "gpt-image-*", "gemini-3.1-flash-image"},
    ModelRow{Task::kImage, "chatgpt-image-*", "gemini-3.1-flash-image"},
    ModelRow{Task::kSpeech, "", "gemini-2.5-flash-preview-tts"},
    ModelRow{Task::kSpeech, "tts-1-hd*", "gemini-2.5-pro-preview-tts"},
    ModelRow{Task::kSpeech, "tts-1*", "gemini-2.5-flash-preview-tts"},
    ModelRow{Task::kSpeech, "gpt-*-tts*", "gemini-2.5-flash-preview-tts"},
    ModelRow{Task::kTranscription, "", "gemini-flash-latest"},
    ModelRow{Task::kTranscription, "whisper-*", "gemini-flash-latest"},
    ModelRow{Task::kTranscription, "gpt-*-transcribe*", "gemini-flash-latest"},
};

struct DimensionsRow {
  std::string_view glob;
  int dimensions;
};
constexpr std::array kDimensions = {
    DimensionsRow{"text-embedding-3-small*", 1536},
    DimensionsRow{"text-embedding-ada-*", 1536},
};

struct VoiceRow {
  std::string_view openai;
  std::string_view gemini;
};
// By likeness of pitch and manner (platform.openai.com/docs/guides/text-to-speech,
// ai.google.dev/gemini-api/docs/speech-generation#voices).
constexpr std::array kVoices = {
    VoiceRow{"alloy", "Kore"},     VoiceRow{"ash", "Charon"},    VoiceRow{"ballad", "Algieba"},
    VoiceRow{"coral", "Aoede"},    VoiceRow{"echo", "Puck"},     VoiceRow{"fable", "Fenrir"},
    VoiceRow{"nova", "Leda"},      VoiceRow{"onyx", "Orus"},     VoiceRow{"sage", "Sulafat"},
    VoiceRow{"shimmer", "Zephyr"}, VoiceRow{"verse", "Umbriel"}, VoiceRow{"marin", "Autonoe"},
    VoiceRow{"cedar", "Iapetus"},
};
constexpr std::array<std::string_view, 30> kOwnVoices = {
    "Zephyr",    "Puck",          "Charon",       "Kore",      "Fenrir",     "Leda",
    "Orus",      "Aoede",         "Callirrhoe",   "Autonoe",   "Enceladus",  "Iapetus",
    "Umbriel",   "Algieba",       "Despina",      "Erinome",   "Algenib",    "Rasalgethi",
    "Laomedeia", "Achernar",      "Alnilam",      "Schedar",   "Gacrux",     "Pulcherrima",
    "Achird",    "Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat"};

struct Ratio {
  std::string_view name;
  double width;
  double height;
  bool imagen;
};
// ai.google.dev/gemini-api/docs/image-generation, .../imagen
constexpr std::array kRatios = {
    Ratio{"1:1", 1, 1, true},    Ratio{"2:3", 2, 3, false},  Ratio{"3:2", 3, 2, false},
    Ratio{"3:4", 3, 4, true},    Ratio{"4:3", 4, 3, true},   Ratio{"4:5", 4, 5, false},
    Ratio{"5:4", 5, 4, false},   Ratio{"9:16", 9, 16, true}, Ratio{"16:9", 16, 9, true},
    Ratio{"21:9", 21, 9, false},
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view nearest_ratio(double width, double height, bool imagen) {
  const double wanted = std::log(width / height);
  const Ratio* best = &kRatios.front();
  double least = std::numeric_limits<double>::infinity();
  for (const Ratio& ratio : kRatios) {
    const double off = std::abs(std::log(ratio.width / ratio.height) - wanted);
    if ((!imagen || ratio.imagen) && off < least) {
      least = off;
      best = &ratio;
    }
  }
  return best->name;
}

// "1536x1024": two numbers with one of `separators` between them.
struct Pair {
  int first = 0;
  int second = 0;
  char separator = 0;
};
std::optional<Pair> read_pair(std::string_view text) {
  Pair pair;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, pair.first);
  if (first.ec != std::errc() || first.ptr == end) return std::nullopt;
  pair.separator = lower(*first.ptr);
  const auto second = std::from_chars(first.ptr + 1, end, pair.second);
  if (second.ec != std::errc() || second.ptr != end) return std::nullopt;
  if (pair.first < 1 || pair.second < 1) return std::nullopt;
  return pair;
}

}  // namespace

std::string_view gemini_model(Task task, std::string_view name) {
  for (const ModelRow& row : kModels) {
    if (row.task != task) continue;
    if (row.glob.empty() ? name.empty() : gemini::glob_matches(row.glob, name)) return row.model;
  }
  return name;
}

std::optional<int> openai_dimensions(std::string_view name) {
  for (const DimensionsRow& row : kDimensions) {
    if (gemini::glob_matches(row.glob, name)) return row.dimensions;
  }
  return std::nullopt;
}

std::string_view gemini_voice(std::string_view name) {
  for (const VoiceRow& row : kVoices) {
    if (same_word(row.openai, name)) return row.gemini;
  }
  for (const std::string_view own : kOwnVoices) {
    if (same_word(own, name)) return own;
  }
  return name;
}

std::optional<ImageSize> image_size(std::string_view size, bool imagen) {
  if (size.empty() || same_word(size, "auto")) return ImageSize{};
  for (const std::string_view resolution : {"1K", "2K", "4K"}) {
    if (same_word(size, resolution)) return ImageSize{.aspect_ratio = {}, .resolution = resolution};
  }
  const std::optional<Pair> pair = read_pair(size);
  if (!pair) return std::nullopt;
  ImageSize found{.aspect_ratio = nearest_ratio(pair->first, pair->second, imagen),
                  .resolution = {}};
  if (pair->separator == ':') return found;
  if (pair->separator != 'x' && pair->separator != '*') return std::nullopt;
  // OpenAI's own sizes end at 1792 pixels; who asks for more means it.
  const int longest = std::max(pair->first, pair->second);
  if (longest > 2048) {
    found.resolution = "4K";
  } else if (longest > 1792) {
    found.resolution = "2K";
  }
  return found;
}

}  // namespace wasat::dialect::openai_media
