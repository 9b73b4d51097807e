// Reads Gemini's chunks and says what the client is to be given, part by part;
// how that is written is up to each dialect's encoders. One exchange, one thread
// at a time. Knows nothing of the request but what stands in AnswerShape, so that
// the request can be freed while its answer streams.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "dialect/conversation/citations.h"
#include "dialect/conversation/finish.h"
#include "dialect/conversation/tool_names.h"
#include "dialect/dialect.h"
#include "json/reader.h"

namespace wasat::dialect {

// A function call of Gemini's, in the client's words.
struct GivenCall {
  std::string id;              // Gemini's own if it can stand, else `id_prefix` and 24 characters
  std::string name;            // without namespace
  std::string space;           // namespace; empty: none
  std::string arguments;       // escaped JSON text ("{}" for none); of a custom tool its input
  std::string_view raw;        // the arguments as an object, not escaped; "{}" for none
  std::string_view signature;  // Gemini's, escaped; empty: none
  bool custom = false;
};

struct AnswerShape {
  AnswerContext context;
  std::string model_label;  // as the client wrote it, JSON-escaped
  std::string upstream_model;
  std::string_view id_prefix = "call_";
  std::size_t max_id = 64;
  bool show_thoughts = true;
  bool logprobs = false;
  bool annotations = false;                // the model may search
  std::shared_ptr<const ToolNames> names;  // nullptr: all names are the client's own
};

class AnswerReader : public Encoder {
 public:
  explicit AnswerReader(AnswerShape shape) : shape_(std::move(shape)) {}

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
  // An image, a sound (inlineData or fileData). By default Markdown within the text.
  virtual void give_media(json::Value part, std::string_view signature, std::string& out);
  // executableCode or codeExecutionResult. By default fenced text.
  virtual void give_code(json::Value part, std::string& out);
  // groundingMetadata, usually with the last chunk; positions() tells characters. By default
  // nothing.
  virtual void give_grounding(json::Value grounding, std::string& out);
  virtual void give_logprobs(json::Value result, std::string& out);
  virtual void end_chunk(std::string& out);

  // How the answer ends, once the upstream has ended.
  Ending ending(const gemini::Tally& tally, bool streamed) const;

  // For overrides of give_media() and give_code() that answer in text after all.
  void text(Pieces pieces, std::string_view signature, std::string& out);

  const AnswerShape& shape() const { return shape_; }
  std::size_t calls() const { return calls_; }  // before the one that is being given
  const TextPositions& positions() const { return positions_; }
  const std::string& finish_message() const { return finish_message_; }  // escaped
  // Which of the calls (Call::more) this frame answers.
  std::uint32_t call_number() const { return call_number_; }

 private:
  enum class PartKind : std::uint8_t { kNone, kText, kThought, kOther };

  Result<> read_chunk(json::Value chunk, gemini::Tally& tally, std::string& out);
  void read_candidate(json::Value candidate, gemini::Tally& tally, std::string& out);
  void read_part(json::Value part, bool malformed, gemini::Tally& tally, std::string& out);
  void read_call(json::Value call, std::string_view signature, gemini::Tally& tally,
                 std::string& out);
  void place_part(PartKind kind);

  AnswerShape shape_;
  Given given_;
  bool thought_given_ = false;
  bool any_frame_ = false;
  std::size_t calls_ = 0;
  std::uint32_t call_number_ = 0;
  TextPositions positions_;
  PartKind last_part_ = PartKind::kNone;
  bool first_of_chunk_ = false;
  std::string finish_message_;
};

// 24 letters and digits that depend on `seed` and `number` alone.
std::string derived_id(std::string_view seed, std::uint64_t number);

}  // namespace wasat::dialect
