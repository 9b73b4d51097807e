#include "dialect/conversation/contents.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialect/conversation/markdown_image.h"
#include "dialect/conversation/media.h"
#include "dialect/conversation/signature.h"

namespace wasat::dialect {
namespace {

using Kind = Item::Kind;

// Google lets this pass where a signature must stand (generation 3 and later).
constexpr std::string_view kNoSignature = "skip_thought_signature_validator";

// The JSON object or array that a string holds, or nothing. `text` is padded.
std::string_view json_in(std::string_view text) {
  const auto first = text.find_first_not_of(" \n\r\t");
  if (first == text.npos || (text[first] != '{' && text[first] != '[')) return {};
  thread_local json::Document document;
  const auto root = document.parse(PaddedView::promise(text));
  return root ? root->raw() : std::string_view{};
}

class ContentsWriter {
 public:
  ContentsWriter(json::Writer& writer, const ContentsContext& context)
      : writer_(writer), context_(context), third_(context.family.third_generation) {}

  void write_system(const Conversation& conversation);
  Result<> write_contents(const Conversation& conversation);

 private:
  Result<> write_turn(const Turn& turn);
  Result<> write_item(const Item& item, bool model);
  std::string_view usable(std::string_view signature) const;
  void write_text_part(std::string_view escaped, std::string_view signature);
  void write_model_text(const Item& item);
  Result<> write_media(const Media& media);
  void write_inline(std::string_view mime_type, std::string_view base64);
  void write_resolution(const Media& media);
  void write_call(const PastCall& call, bool must_sign);
  std::string_view signature_of(const PastCall& call, bool must_sign);
  void write_arguments(const PastCall& call);
  Result<> write_response(const Item& item);
  void write_result(const ToolResult& result);
  void write_texts(const std::vector<std::string_view>& texts);
  void write_orphan(const ToolResult& result);
  Result<> write_media_of_results();

  json::Writer& writer_;
  const ContentsContext& context_;
  const bool third_;
  bool must_sign_ = false;  // the next call
  // Media in tools' results that stand behind all responses (before generation 3).
  std::vector<const Media*> media_;
};

void ContentsWriter::write_system(const Conversation& conversation) {
  if (conversation.system().empty() && context_.spoken.empty()) return;
  writer_.key("systemInstruction").begin_object().key("parts").begin_array();
  for (const Item& item : conversation.system()) write_text_part(item.text, {});
  if (!context_.spoken.empty()) {
    write_text_part(context_.source.keep(std::string(context_.spoken)), {});
  }
  writer_.end_array().end_object();
}

Result<> ContentsWriter::write_contents(const Conversation& conversation) {
  writer_.key("contents").begin_array();
  for (const Turn& turn : conversation.turns()) {
    if (Result<> written = write_turn(turn); !written) return written;
  }
  if (third_ && conversation.ends_with_model()) {
    writer_.begin_object().member("role", "user").key("parts").begin_array();
    write_text_part("Continue.", {});
    writer_.end_array().end_object();
  }
  writer_.end_array();
  return {};
}

Result<> ContentsWriter::write_turn(const Turn& turn) {
  writer_.begin_object().member("role", turn.model ? "model" : "user");
  writer_.key("parts").begin_array();
  must_sign_ = turn.current;
  for (const Item& item : turn.items) {
    const bool response = item.kind == Kind::kResponse || item.kind == Kind::kNoResponse;
    if (!response) {
      if (Result<> media = write_media_of_results(); !media) return media;
    }
    if (Result<> written = write_item(item, turn.model); !written) return written;
  }
  if (Result<> media = write_media_of_results(); !media) return media;
  writer_.end_array().end_object();
  return {};
}

Result<> ContentsWriter::write_item(const Item& item, bool model) {
  switch (item.kind) {
    case Kind::kText:
      if (model) {
        write_model_text(item);
      } else {
        write_text_part(item.text, {});
      }
      break;
    case Kind::kReminder:
      writer_.begin_object().key("text").escaped_string(
          {"<system-reminder>\\n", item.text, "\\n</system-reminder>"});
      writer_.end_object();
      break;
    case Kind::kMedia:
      return write_media(*item.media);
    case Kind::kCall:
      write_call(*item.call, std::exchange(must_sign_, false));
      break;
    case Kind::kResponse:
    case Kind::kNoResponse:
      return write_response(item);
    case Kind::kOrphan:
      write_orphan(*item.result);
      break;
    case Kind::kSpace:
      write_text_part(" ", {});
      break;
  }
  return {};
}

// What Gemini takes of it; empty: nothing.
std::string_view ContentsWriter::usable(std::string_view signature) const {
  if (context_.findings.without_signatures || signature.empty()) return {};
  if (is_wrapped(signature)) return unwrap_signature(signature, context_.upstream_model);
  return is_signature(signature) ? signature : std::string_view{};
}

void ContentsWriter::write_text_part(std::string_view escaped, std::string_view signature) {
  writer_.begin_object().key("text").escaped_string(escaped);
  if (!signature.empty()) writer_.key("thoughtSignature").escaped_string(signature);
  writer_.end_object();
}

// Images that an earlier answer had as Markdown become images again. Models that
// draw check the signatures of what they drew.
void ContentsWriter::write_model_text(const Item& item) {
  const bool checked = third_ && context_.family.image_output;
  const std::string_view bypass = checked ? kNoSignature : std::string_view{};
  std::string_view rest = item.text;
  while (std::optional<MarkdownImage> image = find_markdown_image(rest)) {
    const std::string_view before = rest.substr(0, image->begin);
    if (!before.empty()) write_text_part(before, bypass);
    rest.remove_prefix(image->end);
    InlineData& data = image->data;
    writer_.begin_object();
    write_inline(data.mime_type, data.rewritten.empty()
                                     ? data.passed
                                     : context_.source.keep(std::move(data.rewritten)));
    if (!bypass.empty()) writer_.member("thoughtSignature", bypass);
    writer_.end_object();
  }
  if (rest.empty()) return;
  write_text_part(rest, usable(item.signature));
}

void ContentsWriter::write_inline(std::string_view mime_type, std::string_view base64) {
  writer_.key("inlineData").begin_object();
  writer_.member("mimeType", mime_type).key("data").escaped_string(base64).end_object();
}

void ContentsWriter::write_resolution(const Media& media) {
  if (!third_ || media.detail == Media::Detail::kUnsaid) return;
  writer_.key("mediaResolution").begin_object();
  writer_.member("level", media.detail == Media::Detail::kLow ? "MEDIA_RESOLUTION_LOW"
                                                              : "MEDIA_RESOLUTION_HIGH");
  writer_.end_object();
}

Result<> ContentsWriter::write_media(const Media& media) {
  writer_.begin_object();
  switch (media.kind) {
    case Media::Kind::kInline:
      write_inline(media.mime_type, media.data);
      break;
    case Media::Kind::kFile:
      writer_.key("fileData").begin_object();
      if (!media.mime_type.empty()) writer_.member("mimeType", media.mime_type);
      writer_.key("fileUri").escaped_string(media.data).end_object();
      break;
    case Media::Kind::kFetch: {
      const auto found = context_.findings.fetched.find(media.url);
      if (found == context_.findings.fetched.end()) {
        return fail(client_error(ErrorKind::kInvalidRequest,
                                 "The file at this URL could not be fetched.", media.path));
      }
      if (!found->second) {
        Error error = found->second.error();
        error.param = media.path;
        return fail(std::move(error));
      }
      const Findings::Fetched& fetched = *found->second;
      context_.source.others.push_back(fetched.base64);
      write_inline(media_type_of(media, fetched), *fetched.base64);
    }
  }
  write_resolution(media);
  if (const std::string_view signature = usable(media.signature); !signature.empty()) {
    writer_.key("thoughtSignature").escaped_string(signature);
  }
  writer_.end_object();
  return {};
}

std::string_view ContentsWriter::signature_of(const PastCall& call, bool must_sign) {
  std::string_view signature = usable(call.signature);
  if (signature.empty() && !call.id.empty()) {
    const auto memo = context_.findings.memos.find(call.id);
    if (memo != context_.findings.memos.end() && !usable(memo->second).empty()) {
      signature = context_.source.keep(memo->second);  // findings end before the body does
    }
  }
  return signature.empty() && must_sign && third_ ? kNoSignature : signature;
}

void ContentsWriter::write_call(const PastCall& call, bool must_sign) {
  writer_.begin_object().key("functionCall").begin_object();
  // Ids mean something to models that give them; a call and its response have both or neither.
  if (third_ && !call.id.empty()) writer_.member("id", call.id);
  writer_.member("name", context_.names.to_gemini(call.name)).key("args");
  write_arguments(call);
  writer_.end_object();
  if (const std::string_view signature = signature_of(call, must_sign); !signature.empty()) {
    writer_.key("thoughtSignature").escaped_string(signature);
  }
  writer_.end_object();
}

void ContentsWriter::write_arguments(const PastCall& call) {
  const json::Value arguments = call.arguments;
  if (call.custom && arguments.is_string()) {
    writer_.begin_object().key("input").escaped_string(arguments.escaped()).end_object();
    return;
  }
  if (arguments.is_object()) {
    writer_.raw(arguments.raw());
    return;
  }
  const std::string_view object = json_in(arguments.string_or(""));
  if (object.starts_with('{')) {
    writer_.raw(object);
    return;
  }
  // A model wrote something else once; it must still see what that was.
  writer_.begin_object();
  if (!arguments.escaped().empty()) writer_.key("arguments").escaped_string(arguments.escaped());
  writer_.end_object();
}

void ContentsWriter::write_texts(const std::vector<std::string_view>& texts) {
  if (texts.size() <= 1) {
    writer_.escaped_string(texts.empty() ? std::string_view{} : texts.front());
    return;
  }
  std::string joined;
  for (const std::string_view text : texts) {
    if (!joined.empty()) joined += "\\n";
    joined += text;
  }
  writer_.escaped_string(context_.source.keep(std::move(joined)));
}

void ContentsWriter::write_result(const ToolResult& result) {
  if (result.failed) {
    writer_.begin_object().key("error");
    write_texts(result.texts);
    writer_.end_object();
    return;
  }
  const std::string_view json = json_in(result.only.string_or(""));
  if (json.starts_with('{')) {
    writer_.raw(json);
    return;
  }
  writer_.begin_object().key("output");
  if (!json.empty()) {
    writer_.raw(json);
  } else {
    write_texts(result.texts);
  }
  writer_.end_object();
}

Result<> ContentsWriter::write_response(const Item& item) {
  const PastCall& call = *item.call;
  writer_.begin_object().key("functionResponse").begin_object();
  if (third_ && !call.id.empty()) writer_.member("id", call.id);
  writer_.member("name", context_.names.to_gemini(call.name)).key("response");
  if (item.kind == Kind::kNoResponse) {
    writer_.begin_object().member("error", "no result").end_object();
  } else {
    write_result(*item.result);
  }
  if (item.kind == Kind::kResponse && !item.result->media.empty()) {
    if (third_) writer_.key("parts").begin_array();
    for (const Media& media : item.result->media) {
      if (!third_) {
        media_.push_back(&media);
      } else if (Result<> written = write_media(media); !written) {
        return written;
      }
    }
    if (third_) writer_.end_array();
  }
  writer_.end_object().end_object();
  return {};
}

Result<> ContentsWriter::write_media_of_results() {
  for (const Media* media : std::exchange(media_, {})) {
    if (Result<> written = write_media(*media); !written) return written;
  }
  return {};
}

void ContentsWriter::write_orphan(const ToolResult& result) {
  std::string text = "Result of ";
  json::append_escaped(text, result.name.empty() ? result.id : result.name);
  text += ":";
  for (const std::string_view piece : result.texts) text.append("\\n").append(piece);
  write_text_part(context_.source.keep(std::move(text)), {});
  for (const Media& media : result.media) media_.push_back(&media);
}

}  // namespace

Result<> write_conversation(json::Writer& writer, const Conversation& conversation,
                            const ContentsContext& context) {
  ContentsWriter contents(writer, context);
  contents.write_system(conversation);
  return contents.write_contents(conversation);
}

void add_resources(const Conversation& conversation, std::vector<std::string>& resources) {
  const auto add = [&resources](const Media& media) {
    if (media.kind != Media::Kind::kFile) return;
    std::string resource = file_resource(media.data);
    if (!resource.empty() && std::ranges::find(resources, resource) == resources.end()) {
      resources.push_back(std::move(resource));
    }
  };
  std::ranges::for_each(conversation.media(), add);
  for (const ToolResult& result : conversation.results()) std::ranges::for_each(result.media, add);
}

}  // namespace wasat::dialect
