// Reads Gemini's chunks and says what the client is to be given, part by part;
// how that is written is up to each dialect's encoders. One exchange, one thread
// at a time. Knows nothing of the request but what stands in AnswerShape, so that
// the request can be freed while its answer streams.

#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialect/conversation/answer_shape.h"
#include "dialect/conversation/citations.h"
#include "dialect/conversation/finish.h"
#include "dialect/conversation/given_call.h"
#include "dialect/dialect.h"
#include "json/reader.h"

namespace wasat::dialect {

class AnswerReader : public Encoder {
 public:
  explicit AnswerReader(AnswerShape shape)
      : shape_(std::move(shape)), progress_(std::max(shape_.choices, 1u)) {}

  // Calls with a signature are noted in tally.memos (key: the call's id as the client gets it).
  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) final;

 protected:
  // Text as it stands in JSON, in pieces that belong together.
  using Pieces = std::initializer_list<std::string_view>;

  // `signature`: of the part, escaped; empty: none. A part that is nothing but a
  // signature comes as give_text({}, signature).
  virtual void give_text(Pieces pieces, std::string_view signature, std::string& out) = 0;
  virtual void give_thought(std::string_view escaped, std::string_view signature,
                            std::string& out) = 0;
  virtual void give_call(const GivenCall& call, std::string& out) = 0;
  // An image, a sound (inlineData or fileData). By default Markdown within the text: a
  // link to the gateway's cache where there is one, else a data URL.
  virtual void give_media(json::Value part, std::string_view signature, std::string& out);
  // executableCode or codeExecutionResult. By default fenced text.
  virtual void give_code(json::Value part, std::string& out);
  // groundingMetadata, usually with the last chunk; positions() tells characters. By default
  // nothing.
  virtual void give_grounding(json::Value grounding, std::string& out);
  // urlContextMetadata: the pages that were read for the answer. By default nothing.
  virtual void give_url_context(json::Value metadata, std::string& out);
  virtual void give_logprobs(json::Value result, std::string& out);
  virtual void end_chunk(std::string& out);

  // How the answer ends, once the upstream has ended; of several choices the first.
  Ending ending(const gemini::Tally& tally, bool streamed) const;
  // Of each choice; never kFailed. An error: none came to a good end.
  Result<std::vector<Ending>> endings(const gemini::Tally& tally, bool streamed) const;

  // For overrides of give_media() and give_code() that answer in text after all.
  void text(Pieces pieces, std::string_view signature, std::string& out);

  const AnswerShape& shape() const { return shape_; }
  // Which choice is being read, or was turned to: of several calls (Call::more) or
  // candidates the number of one, else 0. The rest is of this one.
  std::uint32_t choice() const { return choice_; }
  // As far as it is known by now, of all choices.
  const gemini::Usage& usage() const { return usage_; }
  void turn_to(std::uint32_t choice) { choice_ = choice; }
  std::size_t calls() const { return current().calls; }  // before the one that is being given
  const TextPositions& positions() const { return current().positions; }
  // Escaped.
  const std::string& finish_message(std::uint32_t choice = 0) const {
    return progress_[choice].finish_message;
  }

 private:
  // Kinds of parts, as far as their place in the text matters.
  enum class PartKind : std::uint8_t { kNone, kText, kThought, kOther };

  // How far a choice has come.
  struct Progress {
    Given given;
    bool thought_given = false;
    bool finished = false;
    std::string finish_reason;
    std::string finish_message;  // escaped
    std::size_t calls = 0;
    TextPositions positions;
    PartKind last_part = PartKind::kNone;
    std::string links;  // escaped; for the end
  };

  Result<> read_chunk(json::Value chunk, std::uint32_t call, gemini::Tally& tally,
                      std::string& out);
  void read_candidate(json::Value candidate, gemini::Tally& tally, std::string& out);
  void read_grounding(json::Value grounding, std::string& out);
  void read_end(json::Value candidate, std::string_view reason, gemini::Tally& tally);
  void read_part(json::Value part, bool malformed, gemini::Tally& tally, std::string& out);
  void read_call(json::Value call, std::string_view signature, gemini::Tally& tally,
                 std::string& out);
  void place_part(PartKind kind);
  static Ending ending_of(const Progress& progress, bool streamed);
  Progress& current() { return progress_[choice_]; }
  const Progress& current() const { return progress_[choice_]; }

  AnswerShape shape_;
  std::vector<Progress> progress_;
  std::uint32_t choice_ = 0;
  gemini::Tally* tally_ = nullptr;  // while a part is given
  std::size_t media_ = 0;           // links so far
  gemini::Usage usage_;
  bool any_frame_ = false;
  bool first_of_chunk_ = false;
};

}  // namespace wasat::dialect
