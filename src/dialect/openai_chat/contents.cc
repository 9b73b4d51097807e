#include "dialect/openai_chat/contents.h"

#include <algorithm>
#include <utility>

#include "dialect/conversation/markdown_image.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_chat {
namespace {

// Google lets this pass where a signature must stand (generation 3 and later).
constexpr std::string_view kNoSignature = "skip_thought_signature_validator";

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Error unsupported(std::string detail, std::string param) {
  return client_error(ErrorKind::kUnsupported, std::move(detail), std::move(param));
}

// Signatures are base64 of either alphabet. Anything else comes from another
// vendor or was damaged, and Gemini refuses the whole request for it.
bool is_signature(std::string_view escaped) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/' || c == '-' || c == '_' || c == '=' || c == '\\';
  };
  return !escaped.empty() && std::ranges::all_of(escaped, letter);
}

// The JSON object that a string holds, or nothing. `text` is padded.
std::string_view object_in(std::string_view text) {
  const auto first = text.find_first_not_of(" \n\r\t");
  if (first == text.npos || (text[first] != '{' && text[first] != '[')) return {};
  thread_local json::Document document;
  const auto root = document.parse(PaddedView::promise(text));
  return root ? root->raw() : std::string_view{};
}

// Google's own servers fetch these.
bool is_file_uri(std::string_view url) {
  for (const std::string_view prefix :
       {"gs://", "https://generativelanguage.googleapis.com/", "https://www.youtube.com/",
        "https://youtube.com/", "https://youtu.be/"}) {
    if (url.starts_with(prefix)) return true;
  }
  return false;
}

}  // namespace

Result<> ContentsWriter::write(const Plan& plan) {
  writer_.key("contents").begin_array();
  for (const Turn& turn : plan.turns) {
    if (Result<> written = write_turn(turn); !written) return written;
  }
  writer_.end_array();
  return {};
}

Result<> ContentsWriter::write_turn(const Turn& turn) {
  using Kind = Item::Kind;
  writer_.begin_object().member("role", turn.model ? "model" : "user");
  writer_.key("parts").begin_array();
  bool first_call = true;
  for (const Item& item : turn.items) {
    const bool response = item.kind == Kind::kResponse || item.kind == Kind::kNoResponse;
    if (!response) {
      if (Result<> media = write_media_of_responses(); !media) return media;
    }
    const bool must_sign =
        item.kind == Kind::kCall && std::exchange(first_call, false) && turn.current;
    if (Result<> written = write_item(item, must_sign); !written) return written;
  }
  if (Result<> media = write_media_of_responses(); !media) return media;
  writer_.end_array().end_object();
  return {};
}

Result<> ContentsWriter::write_item(const Item& item, bool must_sign) {
  using Kind = Item::Kind;
  switch (item.kind) {
    case Kind::kText:
      write_text(item);
      break;
    case Kind::kReminder:
      writer_.begin_object().key("text").escaped_string(
          {"<system-reminder>\\n", item.value.escaped(), "\\n</system-reminder>"});
      writer_.end_object();
      break;
    case Kind::kPart:
      return write_part(item);
    case Kind::kCall:
      write_call(item, must_sign);
      break;
    case Kind::kResponse:
      return write_response(item);
    case Kind::kNoResponse:
      return write_response(item);
    case Kind::kOrphan:
      return write_orphan(item);
    case Kind::kSpace:
      write_text_part(" ", {});
      break;
    case Kind::kContinue:
      write_text_part("Continue.", {});
      break;
  }
  return {};
}

void ContentsWriter::write_text_part(std::string_view escaped, std::string_view signature) {
  writer_.begin_object().key("text").escaped_string(escaped);
  if (is_signature(signature)) writer_.key("thoughtSignature").escaped_string(signature);
  writer_.end_object();
}

void ContentsWriter::write_text(const Item& item) {
  std::string_view rest = item.value.escaped();
  // Images that an earlier answer had as Markdown become images again. Models that
  // draw check the signatures of what they drew.
  const bool checked = family_.third_generation && family_.image_output;
  if (item.message != nullptr && item.message->role == Role::kAssistant) {
    while (std::optional<MarkdownImage> image = find_markdown_image(rest)) {
      const std::string_view before = rest.substr(0, image->begin);
      if (!before.empty()) write_text_part(before, checked ? kNoSignature : std::string_view{});
      rest.remove_prefix(image->end);
      write_inline_data(std::move(image->data), checked ? kNoSignature : std::string_view{});
    }
    if (rest.empty()) return;
  }
  write_text_part(rest, item.signature);
}

void ContentsWriter::write_inline_data(InlineData data, std::string_view signature) {
  const std::string_view bytes =
      data.rewritten.empty() ? data.passed : source_.keep(std::move(data.rewritten));
  writer_.begin_object().key("inlineData").begin_object();
  writer_.member("mimeType", data.mime_type).key("data").escaped_string(bytes);
  writer_.end_object();
  if (!signature.empty()) writer_.member("thoughtSignature", signature);
  writer_.end_object();
}

void ContentsWriter::write_file_uri(std::string_view escaped) {
  writer_.begin_object().key("fileData").begin_object();
  writer_.key("fileUri").escaped_string(escaped).end_object().end_object();
}

Result<> ContentsWriter::write_part(const Item& item) {
  const std::string_view type = item.value["type"].string_or("");
  if (type == "file" || type == "input_file") return write_file(item);
  if (type == "input_audio") {
    return fail(unsupported("Audio input is not supported.", path_of(item) + ".input_audio"));
  }
  if (type != "image_url" && type != "video_url" && type != "input_image") {
    return fail(invalid("Invalid value for '" + path_of(item) +
                            ".type'. Supported values are: 'text', 'image_url', 'video_url' and "
                            "'file'.",
                        path_of(item) + ".type"));
  }
  const std::string_view field = type == "video_url" ? "video_url" : "image_url";
  const std::string path = path_of(item) + "." + std::string(field);
  const json::Value holder = item.value[field];
  const json::Value url = holder.is_string() ? holder : holder["url"];
  if (!url.is_string()) return fail(wrong_type(path + ".url", "a string", url));
  if (std::optional<InlineData> data = read_data_url(url.escaped())) {
    if (data->data().empty()) return fail(invalid("The data URL is empty.", path));
    if (data->mime_type.empty()) data->mime_type = sniffed_mime_type(data->data());
    if (data->mime_type.empty()) {
      data->mime_type = type == "video_url" ? "video/mp4" : "image/jpeg";
    }
    write_inline_data(std::move(*data));
    return {};
  }
  if (is_file_uri(url.string_or(""))) {
    write_file_uri(url.escaped());
    return {};
  }
  return fail(
      unsupported("Only data URLs (data:image/png;base64,...) are supported here; URLs that "
                  "would have to be fetched are not.",
                  path));
}

Result<> ContentsWriter::write_file(const Item& item) {
  const std::string path = path_of(item) + ".file";
  const json::Value file = item.value["file"].is_object() ? item.value["file"] : item.value;
  const json::Value content = file["file_data"];
  if (!content.is_string()) {
    if (file["file_id"].is_string()) {
      return fail(
          unsupported("Uploaded files are not supported; send 'file_data'.", path + ".file_id"));
    }
    return fail(
        invalid("Missing required parameter: '" + path + ".file_data'.", path + ".file_data"));
  }
  std::optional<InlineData> data = read_data_url(content.escaped());
  if (!data) data = read_base64(content.escaped());
  if (data->data().empty()) return fail(invalid("The file is empty.", path + ".file_data"));
  if (data->mime_type.empty() || data->mime_type == "application/octet-stream") {
    std::string_view type = mime_type_of_file(file["filename"].string_or(""));
    if (type.empty()) type = sniffed_mime_type(data->data());
    if (type.empty()) {
      return fail(
          invalid("The file's type is unknown: send a data URL, or a 'filename' with an "
                  "extension.",
                  path));
    }
    data->mime_type = type;
  }
  write_inline_data(std::move(*data));
  return {};
}

void ContentsWriter::write_call(const Item& item, bool must_sign) {
  writer_.begin_object().key("functionCall").begin_object();
  // Ids mean something to models that give them; a call and its response have both or neither.
  if (family_.third_generation && !item.id.empty()) writer_.member("id", item.id);
  writer_.member("name", names_.to_gemini(item.name)).key("args");
  write_arguments(item.value);
  writer_.end_object();
  if (is_signature(item.signature)) {
    writer_.key("thoughtSignature").escaped_string(item.signature);
  } else if (must_sign && family_.third_generation) {
    writer_.member("thoughtSignature", kNoSignature);
  }
  writer_.end_object();
}

void ContentsWriter::write_arguments(json::Value function) {
  if (const json::Value input = function["input"]; input.is_string()) {
    writer_.begin_object().key("input").escaped_string(input.escaped()).end_object();
    return;
  }
  const json::Value arguments = function["arguments"];
  if (arguments.is_object()) {
    writer_.raw(arguments.raw());
    return;
  }
  const std::string_view object = object_in(arguments.string_or(""));
  if (object.starts_with('{')) {
    writer_.raw(object);
    return;
  }
  // A model wrote something else once; it must still see what that was.
  writer_.begin_object();
  if (!arguments.escaped().empty()) writer_.key("arguments").escaped_string(arguments.escaped());
  writer_.end_object();
}

// `only`: the one string that the result is, if it is one.
void ContentsWriter::write_result(const std::vector<std::string_view>& texts, json::Value only) {
  const std::string_view json = object_in(only.string_or(""));
  if (json.starts_with('{')) {
    writer_.raw(json);
    return;
  }
  writer_.begin_object().key("output");
  if (!json.empty()) {
    writer_.raw(json);
  } else if (texts.size() <= 1) {
    writer_.escaped_string(texts.empty() ? std::string_view{} : texts.front());
  } else {
    std::string joined;
    for (const std::string_view text : texts) {
      if (!joined.empty()) joined += "\\n";
      joined += text;
    }
    writer_.escaped_string(source_.keep(std::move(joined)));
  }
  writer_.end_object();
}

namespace {

// What a tool's message holds.
struct ToolResult {
  std::vector<std::string_view> texts;  // escaped
  json::Value only;                     // the text, when there is just one
  std::vector<Item> media;
};

ToolResult read_result(const Item& item) {
  ToolResult result;
  const auto add_text = [&result](json::Value text) {
    result.only = result.texts.empty() ? text : json::Value{};
    result.texts.push_back(text.escaped());
  };
  if (item.value.is_string()) add_text(item.value);
  if (!item.value.is_array()) return result;
  std::size_t index = 0;
  for (const json::Value part : item.value) {
    if (part.is_string()) {
      add_text(part);
    } else if (part["text"].is_string()) {
      add_text(part["text"]);
    } else {
      result.media.push_back(
          {.kind = Item::Kind::kPart, .value = part, .message = item.message, .part = index});
    }
    ++index;
  }
  return result;
}

}  // namespace

Result<> ContentsWriter::write_response(const Item& item) {
  ToolResult result = read_result(item);
  writer_.begin_object().key("functionResponse").begin_object();
  if (family_.third_generation && !item.id.empty()) writer_.member("id", item.id);
  writer_.member("name", names_.to_gemini(item.name)).key("response");
  if (item.kind == Item::Kind::kNoResponse) {
    writer_.begin_object().member("error", "no result").end_object();
  } else {
    write_result(result.texts, result.only);
  }
  if (family_.third_generation && !result.media.empty()) {
    writer_.key("parts").begin_array();
    for (const Item& media : result.media) {
      if (Result<> written = write_part(media); !written) return written;
    }
    writer_.end_array();
    result.media.clear();
  }
  writer_.end_object().end_object();
  media_.insert(media_.end(), result.media.begin(), result.media.end());
  return {};
}

Result<> ContentsWriter::write_media_of_responses() {
  for (const Item& item : std::exchange(media_, {})) {
    if (Result<> written = write_part(item); !written) return written;
  }
  return {};
}

Result<> ContentsWriter::write_orphan(const Item& item) {
  const ToolResult result = read_result(item);
  std::string text = "Result of ";
  json::append_escaped(text, item.name.empty() ? item.id : item.name);
  text += ":";
  for (const std::string_view piece : result.texts) text.append("\\n").append(piece);
  write_text_part(source_.keep(std::move(text)), {});
  media_.insert(media_.end(), result.media.begin(), result.media.end());
  return {};
}

}  // namespace wasat::dialect::openai_chat
