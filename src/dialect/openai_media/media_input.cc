#include "dialect/openai_media/media_input.h"

#include <algorithm>

#include "base/base64.h"
#include "dialect/data_url.h"

namespace wasat::dialect::openai_media {
namespace {

constexpr std::string_view kFilesUri = "https://generativelanguage.googleapis.com/v1beta/";

bool is_web_address(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

Error not_media(const std::string& where) {
  return client_error(ErrorKind::kInvalidRequest,
                      "'" + where +
                          "' must be a data URL, an http(s) URL, base64, or an object with "
                          "'image_url' or 'file_id'.",
                      where);
}

MediaInput from_inline(Source& source, InlineData data, std::string where) {
  MediaInput media{.mime_type = std::move(data.mime_type), .where = std::move(where)};
  media.base64 = data.rewritten.empty() ? data.passed : source.keep(std::move(data.rewritten));
  return media;
}

}  // namespace

std::string file_resource(std::string_view id) {
  constexpr std::string_view kFile = "file-";
  constexpr std::string_view kFiles = "files/";
  constexpr std::size_t kLongest = 64;
  if (id.starts_with(kFile)) {
    id.remove_prefix(kFile.size());
  } else if (id.starts_with(kFiles)) {
    id.remove_prefix(kFiles.size());
  }
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  };
  if (id.empty() || id.size() > kLongest || !std::ranges::all_of(id, is_letter)) return {};
  return std::string(kFiles).append(id);
}

MediaInput uploaded_media(Source& source, const http::FormPart& part, std::string mime_type) {
  MediaInput media{.mime_type = std::move(mime_type), .where = part.name};
  media.base64 = source.keep(to_base64(part.bytes));
  return media;
}

Result<MediaInput> described_media(Source& source, json::Value value, std::string where) {
  if (value.is_object()) {
    if (const json::Value id = value["file_id"]; id.is_string()) {
      MediaInput media{.file = file_resource(*id.string()), .where = where};
      if (media.file.empty()) {
        return fail(
            client_error(ErrorKind::kNotFound, "There is no file of this id.", where + ".file_id"));
      }
      return media;
    }
    for (const char* name : {"image_url", "url", "b64_json"}) {
      if (const json::Value inner = value[name]; inner.is_string() || inner.is_object()) {
        return described_media(source, inner, where + "." + name);
      }
    }
    return fail(not_media(where));
  }
  if (!value.is_string() || value.escaped().empty()) return fail(not_media(where));
  if (is_data_url(value.escaped())) {
    std::optional<InlineData> data = read_data_url(value.escaped());
    if (!data || data->data().empty()) return fail(not_media(where));
    return from_inline(source, std::move(*data), std::move(where));
  }
  if (const std::string_view text = *value.string(); is_web_address(text)) {
    return MediaInput{.url = std::string(text), .where = std::move(where)};
  }
  InlineData data = read_base64(value.escaped());
  data.mime_type = sniffed_mime_type(data.data());
  // Without a type that its first bytes tell, this is some other text.
  if (data.mime_type.empty()) return fail(not_media(where));
  return from_inline(source, std::move(data), std::move(where));
}

Result<> write_media_part(json::Writer& writer, Source& source, const MediaInput& media,
                          const Findings& findings, std::string_view otherwise) {
  if (!media.file.empty()) {
    writer.begin_object().key("fileData").begin_object();
    writer.member("fileUri", std::string(kFilesUri) + media.file);
    writer.end_object().end_object();
    return {};
  }
  std::string mime_type = media.mime_type;
  std::string_view base64 = media.base64;
  if (!media.url.empty()) {
    const auto found = findings.fetched.find(media.url);
    if (found == findings.fetched.end()) {
      return fail(client_error(ErrorKind::kUnsupported,
                               "'" + media.where + "' is an URL that was not fetched.",
                               media.where));
    }
    if (!found->second) return fail(found->second.error());
    mime_type = found->second->mime_type;
    base64 = *found->second->base64;
    source.others.push_back(found->second->base64);
  }
  if (mime_type.empty()) mime_type = sniffed_mime_type(base64);
  if (mime_type.empty()) mime_type = otherwise;
  writer.begin_object().key("inlineData").begin_object();
  writer.member("mimeType", mime_type);
  writer.key("data").escaped_string(base64);
  writer.end_object().end_object();
  return {};
}

}  // namespace wasat::dialect::openai_media
