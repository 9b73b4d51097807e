#include "simulator/chunks.h"

#include "json/writer.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

// What is counted so far.
struct Count {
  int candidates = 0;
  int thoughts = 0;
};

std::string response_id(std::uint64_t seed) { return Random(seed).id(23); }

void write_details(json::Writer& writer, std::string_view name,
                   std::initializer_list<std::pair<std::string_view, int>> counts) {
  writer.key(name).begin_array();
  for (const auto& [modality, tokens] : counts) {
    if (tokens == 0) continue;
    writer.begin_object().member("modality", modality).member("tokenCount", tokens).end_object();
  }
  writer.end_array();
}

void write_usage(json::Writer& writer, const Prompt& prompt, Count count, const Answer& answer,
                 bool last) {
  const std::string_view output_modality = answer.output_modality;
  writer.key("usageMetadata").begin_object().member("promptTokenCount", prompt.tokens());
  if (answer.cached_tokens > 0) writer.member("cachedContentTokenCount", answer.cached_tokens);
  if (count.candidates > 0) writer.member("candidatesTokenCount", count.candidates);
  writer.member("totalTokenCount", prompt.tokens() + count.candidates + count.thoughts);
  write_details(writer, "promptTokensDetails",
                {{"TEXT", prompt.text_tokens},
                 {"IMAGE", prompt.image_tokens},
                 {"AUDIO", prompt.audio_tokens}});
  if (answer.cached_tokens > 0) {
    write_details(writer, "cacheTokensDetails", {{"TEXT", answer.cached_tokens}});
  }
  if (last && !output_modality.empty()) {
    write_details(writer, "candidatesTokensDetails", {{output_modality, count.candidates}});
  }
  if (count.thoughts > 0) writer.member("thoughtsTokenCount", count.thoughts);
  writer.end_object();
}

void write_end(json::Writer& writer, const Prompt& prompt, Count count, const Answer& answer,
               std::string_view model, std::uint64_t seed, bool last) {
  write_usage(writer, prompt, count, answer, last);
  writer.member("modelVersion", model).member("responseId", response_id(seed)).end_object();
}

void write_text_part(json::Writer& writer, std::string_view text, bool thought,
                     std::string_view signature) {
  writer.begin_object().member("text", text);
  if (thought) writer.member("thought", true);
  if (!signature.empty()) writer.member("thoughtSignature", signature);
  writer.end_object();
}

void write_piece(json::Writer& writer, const Piece& piece) {
  if (piece.kind != Piece::Kind::kPart) {
    write_text_part(writer, piece.text, piece.kind == Piece::Kind::kThought, piece.signature);
    return;
  }
  std::string part = "{" + piece.part;
  if (!piece.signature.empty()) part += ",\"thoughtSignature\":\"" + piece.signature + "\"";
  writer.raw(part + "}");
}

// One token per word, each as likely as the next.
void write_logprobs(json::Writer& writer, std::string_view text) {
  std::vector<std::string_view> tokens;
  while (!text.empty() && tokens.size() < 4096) {
    const std::string_view token = text.substr(0, std::min(text.find(' ', 1), text.size()));
    tokens.push_back(token);
    text.remove_prefix(token.size());
  }
  const auto write_token = [&writer](std::string_view token, double probability) {
    writer.begin_object()
        .member("token", token)
        .member("tokenId", static_cast<std::int64_t>(hash(token) % 256000))
        .member("logProbability", probability)
        .end_object();
  };
  writer.member("avgLogprobs", -0.125).key("logprobsResult").begin_object();
  writer.key("chosenCandidates").begin_array();
  for (const std::string_view token : tokens) write_token(token, -0.125);
  writer.end_array().key("topCandidates").begin_array();
  for (const std::string_view token : tokens) {
    writer.begin_object().key("candidates").begin_array();
    write_token(token, -0.125);
    write_token("other", -2.5);
    writer.end_array().end_object();
  }
  writer.end_array().end_object();
}

void write_finish(json::Writer& writer, const Answer& answer) {
  if (!answer.finish_reason.empty()) writer.member("finishReason", answer.finish_reason);
  if (!answer.finish_message.empty()) writer.member("finishMessage", answer.finish_message);
  if (!answer.grounding.empty()) writer.member_raw("groundingMetadata", answer.grounding);
}

std::string blocked_response(const Prompt& prompt, const Answer& answer, std::string_view model,
                             std::uint64_t seed) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object()
      .key("promptFeedback")
      .begin_object()
      .member("blockReason", answer.block_reason)
      .end_object();
  write_end(writer, prompt, {}, answer, model, seed, true);
  return out;
}

int tokens_of(const Answer& answer) {
  int tokens = 0;
  for (const Piece& piece : answer.pieces) tokens += piece.tokens;
  return tokens;
}

class StreamWriter {
 public:
  StreamWriter(const Prompt& prompt, std::string_view model, std::uint64_t seed,
               std::vector<std::string>& chunks)
      : prompt_(prompt), model_(model), seed_(seed), random_(seed), chunks_(chunks) {}

  void write(const Answer& answer, int index) {
    answer_ = &answer;
    index_ = index;
    if (answer.pieces.empty()) return emit({}, {}, true);
    for (std::size_t i = 0; i < answer.pieces.size(); ++i) {
      const Piece& piece = answer.pieces[i];
      const bool last = i + 1 == answer.pieces.size() && !answer.signature_behind_text;
      if (piece.kind == Piece::Kind::kText) {
        write_text(piece, last);
        continue;
      }
      if (piece.kind == Piece::Kind::kPart) note_thoughts();
      count_.candidates += piece.tokens;
      std::string part;
      json::Writer writer(part);
      write_piece(writer, piece);
      emit(part, piece.kind == Piece::Kind::kThought ? "" : piece.text, last);
    }
    if (answer.signature_behind_text) {
      std::string part;
      json::Writer writer(part);
      write_text_part(writer, "", false, answer.pieces.back().signature);
      emit(part, {}, true);
    }
  }

 private:
  // Thoughts are counted once the model begins to speak.
  void note_thoughts() { count_.thoughts = others_thoughts_ + answer_->thought_tokens; }

  void write_text(const Piece& piece, bool last) {
    note_thoughts();
    const std::vector<std::string_view> texts = stream_pieces(piece.text, random_);
    int counted = 0;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < texts.size(); ++i) {
      bytes += texts[i].size();
      const int so_far = token_count(std::string_view(piece.text).substr(0, bytes));
      count_.candidates += so_far - counted;
      counted = so_far;
      std::string part;
      json::Writer writer(part);
      write_text_part(writer, texts[i], false, {});
      emit(part, texts[i], last && i + 1 == texts.size());
    }
    if (texts.empty() && last) emit({}, {}, true);
  }

  void emit(std::string_view part, std::string_view text, bool last) {
    if (last) note_thoughts();
    std::string& out = chunks_.emplace_back();
    json::Writer writer(out);
    writer.begin_object().key("candidates").begin_array().begin_object();
    writer.key("content").begin_object();
    if (!part.empty()) {
      writer.key("parts").begin_array().raw(part).end_array().member("role", "model");
    }
    writer.end_object();
    if (last) write_finish(writer, *answer_);
    writer.member("index", index_);
    if (prompt_.logprobs && !text.empty()) write_logprobs(writer, text);
    writer.end_object().end_array();
    write_end(writer, prompt_, count_, *answer_, model_, seed_, last);
    if (last) others_thoughts_ = count_.thoughts;
  }

  const Prompt& prompt_;
  std::string_view model_;
  std::uint64_t seed_;
  Random random_;
  std::vector<std::string>& chunks_;
  const Answer* answer_ = nullptr;
  int index_ = 0;
  Count count_;
  int others_thoughts_ = 0;  // of the candidates before this one
};

}  // namespace

std::string unary_response(const Prompt& prompt, const std::vector<Answer>& answers,
                           std::string_view model, std::uint64_t seed) {
  if (!answers.front().block_reason.empty()) {
    return blocked_response(prompt, answers.front(), model, seed);
  }
  std::string out;
  json::Writer writer(out);
  writer.begin_object().key("candidates").begin_array();
  Count count;
  int index = 0;
  for (const Answer& answer : answers) {
    count.candidates += tokens_of(answer);
    count.thoughts += answer.thought_tokens;
    writer.begin_object().key("content").begin_object();
    if (!answer.pieces.empty()) {
      writer.key("parts").begin_array();
      for (const Piece& piece : answer.pieces) write_piece(writer, piece);
      writer.end_array().member("role", "model");
    }
    writer.end_object();
    write_finish(writer, answer);
    writer.member("index", index++);
    if (prompt.logprobs && !answer.pieces.empty()) {
      write_logprobs(writer, answer.pieces.back().text);
    }
    writer.end_object();
  }
  writer.end_array();
  write_end(writer, prompt, count, answers.front(), model, seed, true);
  return out;
}

std::vector<std::string> stream_responses(const Prompt& prompt, const std::vector<Answer>& answers,
                                          std::string_view model, std::uint64_t seed) {
  std::vector<std::string> chunks;
  if (!answers.front().block_reason.empty()) {
    chunks.push_back(blocked_response(prompt, answers.front(), model, seed));
    return chunks;
  }
  StreamWriter writer(prompt, model, seed, chunks);
  int index = 0;
  for (const Answer& answer : answers) writer.write(answer, index++);
  return chunks;
}

}  // namespace wasat::simulator
