#include "dialect/openai_responses/content.h"

#include <utility>

#include "dialect/conversation/media.h"
#include "dialect/data_url.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_responses {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

// An object in an array, or alone.
class PartReader {
 public:
  PartReader(json::Value part, std::string path, Source& source)
      : part_(part), path_(std::move(path)), source_(source) {}

  Result<Part> read() const;

 private:
  Result<Part> text(std::string_view field) const;
  Result<Part> image() const;
  Result<Part> file() const;
  Result<Part> audio() const;
  Result<Part> from_url(json::Value url, std::string_view field, std::string_view otherwise) const;
  Result<Part> with_detail(Result<Media> media) const;
  std::string path_of(std::string_view field) const { return path_ + "." + std::string(field); }

  json::Value part_;
  std::string path_;
  Source& source_;
};

Result<Part> PartReader::read() const {
  if (part_.is_string()) return part_.escaped();
  if (!part_.is_object()) return fail(wrong_type(path_, "an object", part_));
  const std::string_view type = part_["type"].string_or("");
  if (type == "input_text" || type == "output_text" || type == "text" || type == "summary_text" ||
      type == "reasoning_text") {
    return text("text");
  }
  if (type == "refusal") return text("refusal");
  if (type == "input_image" || type == "image_url" || type == "computer_screenshot") {
    return image();
  }
  if (type == "input_file" || type == "file") return file();
  if (type == "input_audio") return audio();
  return fail(invalid("Invalid value for '" + path_of("type") +
                          "'. Supported values are: 'input_text', 'input_image', 'input_file', "
                          "'input_audio', 'output_text' and 'refusal'.",
                      path_of("type")));
}

Result<Part> PartReader::text(std::string_view field) const {
  const json::Value value = part_[field];
  if (!value.is_string()) return fail(wrong_type(path_of(field), "a string", value));
  return value.escaped();
}

Result<Part> PartReader::with_detail(Result<Media> media) const {
  if (!media) return fail(std::move(media.error()));
  const std::string_view detail = part_["detail"].string_or("");
  if (detail == "low") media->detail = Media::Detail::kLow;
  if (detail == "high") media->detail = Media::Detail::kHigh;
  return std::move(*media);
}

Result<Part> PartReader::from_url(json::Value url, std::string_view field,
                                  std::string_view otherwise) const {
  if (!url.is_string()) return fail(wrong_type(path_of(field), "a string", url));
  return with_detail(media_of_url(url, source_, path_of(field), otherwise));
}

Result<Part> PartReader::image() const {
  if (const json::Value id = part_["file_id"]; id.is_string()) {
    return with_detail(media_of_file(id.string_or(""), source_, path_of("file_id")));
  }
  const json::Value holder = part_["image_url"];
  return from_url(holder.is_object() ? holder["url"] : holder, "image_url", "image/jpeg");
}

Result<Part> PartReader::file() const {
  const json::Value file = part_["file"].is_object() ? part_["file"] : part_;  // chat's form
  if (const json::Value id = file["file_id"]; id.is_string()) {
    return media_of_file(id.string_or(""), source_, path_of("file_id"));
  }
  if (const json::Value url = file["file_url"]; url.is_string()) {
    return from_url(url, "file_url", "application/pdf");
  }
  const json::Value data = file["file_data"];
  if (!data.is_string()) {
    return fail(
        invalid("A file needs 'file_data', 'file_url' or 'file_id'.", path_of("file_data")));
  }
  return with_detail(media_of_data(data, {}, file["filename"], source_, path_of("file_data")));
}

Result<Part> PartReader::audio() const {
  const json::Value audio = part_["input_audio"].is_object() ? part_["input_audio"] : part_;
  const json::Value data = audio["data"];
  const std::string path = path_of("input_audio.data");
  if (!data.is_string()) return fail(wrong_type(path, "a string", data));
  const std::string_view format = audio["format"].string_or("");
  const std::string_view type = format == "mp3"   ? "audio/mp3"
                                : format == "wav" ? "audio/wav"
                                                  : mime_type_of_file("x." + std::string(format));
  return with_detail(media_of_data(data, type, {}, source_, path));
}

}  // namespace

Result<> read_content(json::Value content, const std::string& path, Source& source,
                      const std::function<void(Part)>& take) {
  if (!content || content.is_null()) return {};
  if (content.is_string()) {
    take(content.escaped());
    return {};
  }
  if (content.is_object()) {  // one part without an array around it
    Result<Part> part = PartReader(content, path, source).read();
    if (!part) return fail(std::move(part.error()));
    take(std::move(*part));
    return {};
  }
  if (!content.is_array()) return fail(wrong_type(path, "a string or an array", content));
  std::size_t index = 0;
  for (const json::Value each : content) {
    Result<Part> part = PartReader(each, path + "[" + std::to_string(index++) + "]", source).read();
    if (!part) return fail(std::move(part.error()));
    take(std::move(*part));
  }
  return {};
}

Media drawn_image(json::Value base64, std::string_view format, Source& source, std::string path) {
  InlineData data = read_data_url(base64.escaped()).value_or(InlineData{});
  if (data.data().empty()) data = read_base64(base64.escaped());
  if (data.mime_type.empty()) data.mime_type = sniffed_mime_type(data.data());
  if (data.mime_type.empty()) {
    data.mime_type =
        format == "jpeg" || format == "webp" ? "image/" + std::string(format) : "image/png";
  }
  const std::string_view bytes =
      data.rewritten.empty() ? data.passed : source.keep(std::move(data.rewritten));
  return {.mime_type = std::move(data.mime_type), .data = bytes, .path = std::move(path)};
}

}  // namespace wasat::dialect::openai_responses
