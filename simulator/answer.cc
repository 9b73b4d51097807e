#include "simulator/answer.h"

#include <algorithm>
#include <array>

#include "json/writer.h"
#include "simulator/from_schema.h"
#include "simulator/function_calls.h"
#include "simulator/media.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::array<std::string_view, 10> kSentences = {
    " I am a simulator, so I answer the same way each time.",
    " Nothing of this came over the internet.",
    " The sky is blue today, and the tests are green.",
    " Ask me for a tool, a schema or a picture, and I make one up.",
    " Streams arrive in pieces, with their usage counted as they go.",
    " Bytes outside ASCII, such as naïve café, 你好 and 🙂, travel well.",
    " Code looks like this: `if (a < b && c > d) { return \"yes\\n\"; }`.",
    " Numbers add up: prompt, answer and thoughts make the total.",
    " Quotes \"like these\" and backslashes \\ are escaped.",
    " That is all that I have to say about it.",
};

std::string signature_from(Random& random) {
  std::string bytes("\x12\x9c\x08\x0a\x99\x08\x01", 7);
  for (std::size_t left = 60 + random.below(120); left > 0; --left) {
    bytes += static_cast<char>(random.below(256));
  }
  return base64(bytes);
}

std::string greeting(const Prompt& prompt, Random& random, int candidate) {
  if (const std::size_t exactly = prompt.text.find("exactly:"); exactly != std::string::npos) {
    std::string text = prompt.text.substr(exactly + 8);
    text.erase(0, std::min(text.find_first_not_of(" \n"), text.size()));
    return text;
  }
  std::string text = candidate == 0 ? "Hello!" : "Hello, once more!";
  if (!prompt.text.empty()) {
    text.append(" You wrote: “").append(beginning(prompt.text, 200)).append("”.");
  }
  if (prompt.image_tokens > 0) text += " I can see the picture that you sent.";
  if (prompt.audio_tokens > 0) text += " I have listened to your recording.";
  const bool at_length = prompt.text.find(" long ") != std::string::npos;
  const std::uint64_t sentences = at_length ? 60 : 2 + random.below(3);
  const std::uint64_t first = random.below(kSentences.size());
  for (std::uint64_t i = 0; i < sentences; ++i) {
    text += kSentences[(first + i) % kSentences.size()];
  }
  return text;
}

std::string about_function_answers(const Prompt& prompt) {
  std::string text;
  for (const FunctionAnswer& answer : prompt.function_answers) {
    if (!text.empty()) text += '\n';
    text.append("Here is what ").append(answer.name).append(" returned: ");
    text.append(beginning(answer.response, 300)).append(".");
  }
  return text;
}

std::string in_json(const Prompt& prompt, std::uint64_t seed, const std::string& words) {
  if (!prompt.schema) {
    std::string out;
    json::Writer(out).begin_object().member("answer", words).end_object();
    return out;
  }
  Hints hints(prompt.text, seed);
  std::string value = value_from_schema(prompt.schema, hints);
  const bool bare = prompt.mime_type == "text/x.enum" && value.size() >= 2 && value[0] == '"';
  return bare ? value.substr(1, value.size() - 2) : value;
}

std::string call_part(const FunctionCall& call, bool with_id, Random& random) {
  std::string id;
  for (char& c : random.id(8)) id += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  std::string part;
  json::Writer writer(part);
  writer.begin_object();
  if (with_id) writer.member("id", id);
  writer.member("name", call.name).member_raw("args", call.args).end_object();
  return "\"functionCall\":" + part;
}

struct Size {
  unsigned width, height;
};
Size size_of(std::string_view aspect_ratio) {
  const auto number = [](std::string_view text) {
    unsigned value = 0;
    for (const char c : text.substr(0, 2)) {
      if (c >= '0' && c <= '9') value = value * 10 + static_cast<unsigned>(c - '0');
    }
    return std::clamp(value, 1u, 21u);
  };
  const std::size_t colon = aspect_ratio.find(':');
  if (colon == std::string_view::npos) return {64, 64};
  return {8 * number(aspect_ratio), 8 * number(aspect_ratio.substr(colon + 1))};
}

std::string blob_part(std::string_view mime_type, std::string_view bytes) {
  return "\"inlineData\":{\"mimeType\":\"" + std::string(mime_type) + "\",\"data\":\"" +
         base64(bytes) + "\"}";
}

// Web search: one source for the first sentence. Indices count UTF-8 bytes.
std::string grounding_of(const Prompt& prompt, const std::string& text) {
  const std::string first = text.substr(0, std::min(text.find('.'), text.size() - 1) + 1);
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  writer.key("searchEntryPoint")
      .begin_object()
      .member("renderedContent", "<div class=\"container\"><a class=\"chip\">simulated</a></div>")
      .end_object();
  writer.key("groundingChunks").begin_array();
  writer.begin_object()
      .key("web")
      .begin_object()
      .member("uri",
              "https://vertexaisearch.cloud.google.com/grounding-api-redirect/simulated-source")
      .member("title", "example.com")
      .end_object()
      .end_object();
  writer.end_array().key("groundingSupports").begin_array();
  writer.begin_object()
      .key("segment")
      .begin_object()
      .member("endIndex", static_cast<std::int64_t>(first.size()))
      .member("text", first)
      .end_object()
      .key("groundingChunkIndices")
      .begin_array()
      .number(std::int64_t{0})
      .end_array()
      .end_object();
  writer.end_array().key("webSearchQueries").begin_array();
  writer.string(beginning(prompt.text, 100)).end_array();
  writer.end_object();
  return out;
}

void cut_in_half(Answer& answer) {
  for (Piece& piece : answer.pieces) {
    if (piece.kind != Piece::Kind::kText) continue;
    piece.text.resize(beginning(piece.text, piece.text.size() / 2).size());
    piece.tokens = token_count(piece.text);
  }
}

class Composer {
 public:
  Composer(const Prompt& prompt, std::uint64_t seed, int candidate)
      : prompt_(prompt), seed_(seed), candidate_(candidate), random_(seed) {}

  Answer compose() {
    think();
    const std::vector<FunctionCall> calls = choose_calls(prompt_, seed_);
    if (!calls.empty()) {
      call(calls);
    } else if (prompt_.wants_audio) {
      add_part(blob_part("audio/L16;codec=pcm;rate=24000", pcm_tone(200, 440)), 25);
      answer_.output_modality = "AUDIO";
    } else {
      speak();
    }
    return std::move(answer_);
  }

 private:
  void think() {
    if (!prompt_.thinks) return;
    answer_.thought_tokens = 20 + static_cast<int>(random_.below(200));
    if (prompt_.max_tokens > 0) {
      answer_.thought_tokens = std::min(answer_.thought_tokens, prompt_.max_tokens / 2);
    }
    if (!prompt_.include_thoughts) return;
    add({.kind = Piece::Kind::kThought,
         .text = "**Considering the Request**\n\nI'm looking at what was asked: “" +
                 std::string(beginning(prompt_.text, 80)) +
                 "”. I'm weighing what a simulator can say about it.\n\n\n"});
    add({.kind = Piece::Kind::kThought,
         .text = "**Composing the Answer**\n\nI've settled on a short and friendly reply.\n\n\n"});
  }

  void call(const std::vector<FunctionCall>& calls) {
    // Signatures stand on the first of parallel calls only.
    std::string signature =
        prompt_.family->third_generation || prompt_.thinks ? signature_from(random_) : "";
    for (const FunctionCall& call : calls) {
      add({.kind = Piece::Kind::kPart,
           .part = call_part(call, prompt_.model->call_ids, random_),
           .signature = std::exchange(signature, {}),
           .tokens = token_count(call.args) + 4});
    }
  }

  void speak() {
    if (prompt_.code) {
      add_part("\"executableCode\":{\"language\":\"PYTHON\",\"code\":\"print(6 * 7)\\n\"}", 8);
      add_part("\"codeExecutionResult\":{\"outcome\":\"OUTCOME_OK\",\"output\":\"42\\n\"}", 4);
    }
    std::string text = prompt_.function_answers.empty() ? greeting(prompt_, random_, candidate_)
                                                        : about_function_answers(prompt_);
    if (prompt_.wants_image) text = "Here is the picture that you asked for.";
    if (prompt_.mime_type == "application/json" || prompt_.mime_type == "text/x.enum") {
      text = in_json(prompt_, seed_, text);
    }
    stop_early(text);
    if (prompt_.search && !text.empty()) answer_.grounding = grounding_of(prompt_, text);
    const bool signs = prompt_.family->third_generation && !prompt_.wants_image;
    std::string signature = signs ? signature_from(random_) : "";
    answer_.signature_behind_text = signs;
    add({.text = std::move(text), .signature = std::move(signature)});
    if (prompt_.wants_image) {
      const Size size = size_of(prompt_.aspect_ratio);
      add({.kind = Piece::Kind::kPart,
           .part = blob_part("image/png", png(size.width, size.height, seed_)),
           .signature = prompt_.family->third_generation ? signature_from(random_) : "",
           .tokens = 1290});
      answer_.output_modality = "IMAGE";
    }
  }

  void stop_early(std::string& text) {
    for (const std::string_view stop : prompt_.stop) {
      text.resize(std::min(text.find(stop), text.size()));
    }
    const int left = prompt_.max_tokens - answer_.thought_tokens;
    if (prompt_.max_tokens == 0 || token_count(text) <= left) return;
    // Four characters a token, some of them of several bytes.
    while (token_count(text) > left) {
      const auto excess = static_cast<std::size_t>(token_count(text) - left);
      text.resize(beginning(text, text.size() - std::min(excess, text.size())).size());
    }
    answer_.finish_reason = "MAX_TOKENS";
  }

  void add_part(std::string part, int tokens) {
    add({.kind = Piece::Kind::kPart, .part = std::move(part), .tokens = tokens});
  }
  void add(Piece piece) {
    if (piece.kind == Piece::Kind::kText) piece.tokens = token_count(piece.text);
    answer_.pieces.push_back(std::move(piece));
  }

  const Prompt& prompt_;
  const std::uint64_t seed_;
  const int candidate_;
  Random random_;
  Answer answer_;
};

}  // namespace

Answer make_answer(const Prompt& prompt, std::uint64_t seed, int candidate) {
  return Composer(prompt, seed + static_cast<std::uint64_t>(candidate), candidate).compose();
}

void befall(Answer& answer, Fault fault) {
  switch (fault) {
    case Fault::kBlocked:
      answer.pieces.clear();
      answer.block_reason = "SAFETY";
      break;
    case Fault::kSafety:
      cut_in_half(answer);
      answer.finish_reason = "SAFETY";
      break;
    case Fault::kMaxTokens:
      cut_in_half(answer);
      answer.finish_reason = "MAX_TOKENS";
      break;
    case Fault::kRecitation:
      answer.pieces.clear();
      answer.finish_reason = "RECITATION";
      break;
    case Fault::kMalformedCall:
      answer.pieces.clear();
      answer.finish_reason = "MALFORMED_FUNCTION_CALL";
      answer.finish_message = "Malformed function call: print(default_api.f(";
      break;
    case Fault::kThoughtsOnly:
      answer.pieces = {{.kind = Piece::Kind::kThought, .text = "**Thinking**\n\nI'm thinking.\n"}};
      answer.thought_tokens = 12;
      break;
    case Fault::kNoReason:
      answer.finish_reason.clear();
      break;
    default:
      return;
  }
  // A signature alone at the end belongs to the text that was.
  if (answer.pieces.empty() || answer.pieces.back().kind != Piece::Kind::kText) {
    answer.signature_behind_text = false;
  }
}

}  // namespace wasat::simulator
