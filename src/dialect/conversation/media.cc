#include "dialect/conversation/media.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "dialect/data_url.h"
#include "dialect/fields.h"
#include "gemini/resource_path.h"
#include "json/writer.h"

namespace wasat::dialect {
namespace {

constexpr std::string_view kGoogle = "https://generativelanguage.googleapis.com/";
constexpr std::string_view kUnknownType = "application/octet-stream";

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

// Google's own servers open these.
bool opens_itself(std::string_view url) {
  for (const std::string_view prefix :
       {std::string_view("gs://"), kGoogle, std::string_view("https://www.youtube.com/"),
        std::string_view("https://youtube.com/"), std::string_view("https://youtu.be/")}) {
    if (url.starts_with(prefix)) return true;
  }
  return false;
}

Media inlined(InlineData data, Source& source, std::string path) {
  const std::string_view bytes =
      data.rewritten.empty() ? data.passed : source.keep(std::move(data.rewritten));
  return {.mime_type = std::move(data.mime_type), .data = bytes, .path = std::move(path)};
}

// The last segment of a URL's path.
std::string_view file_name_in(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  return url.substr(url.rfind('/') + 1);
}

}  // namespace

Result<Media> media_of_url(json::Value url, Source& source, std::string path,
                           std::string_view otherwise) {
  if (std::optional<InlineData> data = read_data_url(url.escaped())) {
    if (data->data().empty()) return fail(invalid("The data URL is empty.", std::move(path)));
    if (data->mime_type.empty()) data->mime_type = sniffed_mime_type(data->data());
    if (data->mime_type.empty()) data->mime_type = otherwise;
    return inlined(std::move(*data), source, std::move(path));
  }
  const std::string_view text = url.string_or("");
  if (opens_itself(text)) {
    return Media{.kind = Media::Kind::kFile, .data = url.escaped(), .path = std::move(path)};
  }
  if (text.starts_with("files/")) return media_of_file(text, source, std::move(path));
  if (text.starts_with("http://") || text.starts_with("https://")) {
    return Media{.kind = Media::Kind::kFetch, .url = std::string(text), .path = std::move(path)};
  }
  return fail(
      invalid("This is no URL that can be opened. Send https://..., or a data URL "
              "(data:image/png;base64,...).",
              std::move(path)));
}

Result<Media> media_of_data(json::Value content, std::string_view said, json::Value name,
                            Source& source, std::string path) {
  std::optional<InlineData> data = read_data_url(content.escaped());
  if (!data) data = read_base64(content.escaped());
  if (data->data().empty()) return fail(invalid("The file is empty.", std::move(path)));
  if (data->mime_type.empty() || data->mime_type == kUnknownType) {
    std::string_view type = said;
    if (type.empty()) type = mime_type_of_file(name.string_or(""));
    if (type.empty()) type = sniffed_mime_type(data->data());
    if (type.empty()) {
      return fail(
          invalid("The file's type is unknown: send a data URL, or a 'filename' with an "
                  "extension.",
                  std::move(path)));
    }
    data->mime_type = type;
  }
  return inlined(std::move(*data), source, std::move(path));
}

Media media_of_file(std::string_view id, Source& source, std::string path) {
  for (const std::string_view prefix : {"files/", "file-"}) {
    if (id.starts_with(prefix)) id.remove_prefix(prefix.size());
  }
  std::string uri(kGoogle);
  uri += "v1beta/files/";
  json::append_escaped(uri, id);
  return {.kind = Media::Kind::kFile, .data = source.keep(std::move(uri)), .path = std::move(path)};
}

std::string file_resource(std::string_view escaped) {
  std::string uri(escaped);
  std::erase(uri, '\\');  // "\/" is all that a URI may hold
  return gemini::resource_of_uri(uri);
}

std::string_view media_type_of(const Media& media, const Findings::Fetched& fetched) {
  if (!media.mime_type.empty()) return media.mime_type;
  if (!fetched.mime_type.empty() && fetched.mime_type != kUnknownType) return fetched.mime_type;
  std::string_view type = sniffed_mime_type(*fetched.base64);
  if (type.empty()) type = mime_type_of_file(file_name_in(media.url));
  return type.empty() ? kUnknownType : type;
}

}  // namespace wasat::dialect
