// A conversation in the order that Gemini demands, whichever dialect it came in.
//
// A dialect says message by message what it has read; arrange() makes turns of
// it: two roles that alternate, and behind a turn with function calls exactly
// their responses. Nothing is copied but small structs of views into the
// request's Source. One exchange, one thread at a time.

#pragma once

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/dialect.h"
#include "json/reader.h"

namespace wasat::dialect {

// An image, a document, a sound. Views are escaped, as they can stand in JSON.
struct Media {
  enum class Kind : std::uint8_t {
    kInline,  // data: base64
    kFile,    // data: a URI that Google's own servers open (files/..., gs://, YouTube)
    kFetch,   // url: http(s), to be fetched by the gateway (Needs::urls)
  };
  Kind kind = Kind::kInline;
  std::string mime_type;       // may be empty for kFile and kFetch
  std::string_view data;       // kInline, kFile
  std::string url;             // kFetch, unescaped
  std::string_view name;       // a file's name, if the client gave one
  std::string_view signature;  // of a part that the model drew
  enum class Detail : std::uint8_t { kUnsaid, kLow, kHigh };
  Detail detail = Detail::kUnsaid;
  std::string path;  // names it in errors: "messages[2].content[0].image_url"
};

// A function call that the model made earlier.
struct PastCall {
  std::string_view id;    // as the client has it; may be empty
  std::string_view name;  // in the client's words, namespaces already joined (ToolNames)
  // An object; or a string that holds one as JSON; or, of a custom tool, its input.
  json::Value arguments;
  bool custom = false;
  // Gemini's own, or in a carrier (wrap_signature()); empty: the client has none.
  std::string_view signature;
};

// What a tool answered.
struct ToolResult {
  std::string_view id;
  std::string_view name;                // may be empty: the id tells
  std::vector<std::string_view> texts;  // escaped
  json::Value only;                     // the text, when it is just one and may be JSON itself
  std::vector<Media> media;
  bool failed = false;
};

struct Item {
  enum class Kind : std::uint8_t {
    kText,        // text
    kReminder,    // text that the client said as system or developer, behind the beginning
    kMedia,       // media
    kCall,        // call
    kResponse,    // result, to `call`
    kOrphan,      // result, but no call asks for it
    kNoResponse,  // `call`, which nobody has answered
    kSpace,       // " ", so that there is a turn at all
  };
  Kind kind = Kind::kText;
  std::string_view text;       // escaped
  std::string_view signature;  // kText of the model: Gemini's own, or in a carrier
  const Media* media = nullptr;
  const PastCall* call = nullptr;
  const ToolResult* result = nullptr;
};

struct Turn {
  bool model = false;
  std::vector<Item> items;
  // Since the user last spoke: the first call must be signed for models that check
  // (gemini::ModelFamily).
  bool current = false;
};

class Conversation {
 public:
  Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  // In the order of the client's messages. Empty texts are left out.
  // Instructs when nothing was said before, else keeps its place as a reminder.
  void system_text(std::string_view escaped);
  void user_text(std::string_view escaped);
  void user_media(Media media);
  void model_text(std::string_view escaped, std::string_view signature = {});
  // Belongs to the call that follows directly; else to the model's last text; else, when
  // there is no text yet in its turn, to its first call or text to come.
  void model_signature(std::string_view signature);
  void model_media(Media media);
  void model_call(PastCall call);
  void tool_result(ToolResult result);

  // Once, when all is said. Errors: more calls in a row than can be paired.
  Result<> arrange();
  const std::list<Media>& media() const { return media_; }  // but that of results
  const std::list<ToolResult>& results() const { return results_; }

  // Behind arrange(): what the gateway must find before contents can be written:
  // URLs, and stored signatures for the calls that came without (memo key: the call's id).
  void add_needs(Needs& needs) const;

  // Behind arrange().
  const std::vector<Item>& system() const { return system_; }  // texts
  const std::vector<Turn>& turns() const { return turns_; }    // alternating, never empty
  // The last turn is the model's own (a prefill): models since generation 3 must be asked to go on.
  bool ends_with_model() const { return turns_.back().model; }

 private:
  void add(bool model, Item item);
  void place_waiting_signature();
  Item* last_text();
  void use_system_as_user();
  Result<> pair_turns();
  void open_with_user();
  void mark_current();

  std::vector<Item> system_;
  std::vector<Turn> turns_;
  std::list<Media> media_;
  std::list<PastCall> calls_;
  std::list<ToolResult> results_;
  std::string_view waiting_signature_;
};

}  // namespace wasat::dialect
