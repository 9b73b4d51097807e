#include "dialect/openai_chat/content_parts.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dialect/conversation/media.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_chat {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Media::Detail detail_of(json::Value holder) {
  const std::string_view detail = holder["detail"].string_or("");
  if (detail == "low") return Media::Detail::kLow;
  return detail == "high" ? Media::Detail::kHigh : Media::Detail::kUnsaid;
}

Result<Media> read_url_part(json::Value part, std::string_view type, Source& source,
                            const std::string& part_path) {
  const bool video = type == "video_url";
  const std::string_view field = video ? "video_url" : "image_url";
  const std::string path = part_path + "." + std::string(field);
  const json::Value holder = part[field];
  const json::Value url = holder.is_string() ? holder : holder["url"];
  if (!url.is_string() && part["file_id"].is_string()) {
    return media_of_file(part["file_id"].string_or(""), source, part_path + ".file_id");
  }
  if (!url.is_string()) return fail(wrong_type(path + ".url", "a string", url));
  Result<Media> media = media_of_url(url, source, path, video ? "video/mp4" : "image/jpeg");
  if (media) media->detail = detail_of(holder.is_object() ? holder : part);
  return media;
}

Result<Media> read_file_part(json::Value part, Source& source, const std::string& part_path) {
  const std::string path = part_path + ".file";
  const json::Value file = part["file"].is_object() ? part["file"] : part;
  const json::Value content = file["file_data"];
  const json::Value name = file["filename"];
  if (content.is_string()) return media_of_data(content, {}, name, source, path);
  if (const json::Value url = file["file_url"]; url.is_string()) {
    return media_of_url(url, source, path + ".file_url", {});
  }
  if (const std::string_view id = file["file_id"].string_or(""); !id.empty()) {
    return media_of_file(id, source, path + ".file_id");
  }
  return fail(
      invalid("Missing required parameter: '" + path + ".file_data'.", path + ".file_data"));
}

// "audio/wav"; by OpenAI's name of the format, or a usual ending.
std::optional<std::string> audio_type(std::string_view format) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kOthers = {{
      {"mpeg", "audio/mp3"},
      {"m4a", "audio/mp4"},
      {"opus", "audio/ogg"},
      {"oga", "audio/ogg"},
      {"pcm16", "audio/L16;rate=24000"},
      {"pcm", "audio/L16;rate=24000"},
  }};
  for (const auto& [name, type] : kOthers) {
    if (format == name) return std::string(type);
  }
  const bool plain = std::ranges::all_of(
      format, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  if (format.empty() || format.size() > 16 || !plain) return std::nullopt;
  return "audio/" + std::string(format);
}

Result<Media> read_audio_part(json::Value part, Source& source, const std::string& part_path) {
  const std::string path = part_path + ".input_audio";
  const json::Value audio = part["input_audio"];
  const json::Value data = audio["data"];
  if (!data.is_string()) return fail(wrong_type(path + ".data", "a string", data));
  const json::Value format = audio["format"];
  const std::optional<std::string> type = audio_type(format.string_or(""));
  if (format && !type) {
    return fail(invalid("Invalid value for '" + path +
                            ".format'. Supported values are, among others: 'wav', 'mp3', 'flac', "
                            "'ogg', 'aac' and 'pcm16'.",
                        path + ".format"));
  }
  return media_of_data(data, type.value_or(""), {}, source, path + ".data");
}

}  // namespace

bool is_text(json::Value part) {
  const std::string_view type = part["type"].string_or("");
  return type == "text" || type == "input_text" || type == "output_text" || type == "refusal";
}

json::Value text_of(json::Value part) {
  if (part.is_string()) return part;
  if (!is_text(part)) return {};
  return part[part["type"].string_or("") == "refusal" ? "refusal" : "text"];
}

bool is_thought(json::Value part) {
  const std::string_view type = part["type"].string_or("");
  return type == "thinking" || type == "reasoning" || type == "redacted_thinking";
}

Result<Media> read_media_part(json::Value part, Source& source, const std::string& path) {
  const std::string_view type = part["type"].string_or("");
  if (type == "file" || type == "input_file") return read_file_part(part, source, path);
  if (type == "input_audio") return read_audio_part(part, source, path);
  if (type == "image_url" || type == "video_url" || type == "input_image") {
    return read_url_part(part, type, source, path);
  }
  return fail(invalid("Invalid value for '" + path +
                          ".type'. Supported values are: 'text', 'image_url', 'video_url', "
                          "'input_audio' and 'file'.",
                      path + ".type"));
}

}  // namespace wasat::dialect::openai_chat
