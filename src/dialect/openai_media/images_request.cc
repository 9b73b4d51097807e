#include "dialect/openai_media/images_request.h"

#include "dialect/openai_media/tables.h"

namespace wasat::dialect::openai_media {
namespace {

constexpr std::int64_t kMostImages = 10;  // `n` of OpenAI

// `image`, `image[]`, `images` of a form or of JSON, and `mask`.
Result<> read_media(Input& input, ImagesRequest& request) {
  Source& source = *request.source;
  for (const char* name : {"image", "images"}) {
    for (const http::FormPart* file : input.files(name)) {
      if (!file->bytes.empty()) {
        request.images.push_back(uploaded_media(source, *file, mime_type_of(*file, "")));
      }
    }
    const json::Value value = input.json(name);
    if (!value || value.is_null()) continue;
    if (!value.is_array()) {
      Result<MediaInput> one = described_media(source, value, name);
      if (!one) return fail(std::move(one.error()));
      request.images.push_back(std::move(*one));
      continue;
    }
    std::size_t index = 0;
    for (const json::Value each : value) {
      Result<MediaInput> one =
          described_media(source, each, std::string(name) + "[" + std::to_string(index++) + "]");
      if (!one) return fail(std::move(one.error()));
      request.images.push_back(std::move(*one));
    }
  }
  for (const http::FormPart* file : input.files("mask")) {
    if (!file->bytes.empty()) {
      request.mask = uploaded_media(source, *file, mime_type_of(*file, ""));
    }
  }
  if (const json::Value value = input.json("mask"); value && !value.is_null()) {
    Result<MediaInput> mask = described_media(source, value, "mask");
    if (!mask) return fail(std::move(mask.error()));
    request.mask = std::move(*mask);
  }
  return {};
}

void read_fields(Input& input, ImagesRequest& request) {
  request.model = input.text("model").value_or("");
  request.prompt = input.text("prompt").value_or("");
  request.n = static_cast<std::size_t>(input.integer("n", 1, kMostImages).value_or(1));
  request.size = input.text("size").value_or("auto");
  // Said more plainly than in pixels; not OpenAI's.
  if (const auto ratio = input.text("aspect_ratio")) request.size = *ratio;
  request.quality = input.text("quality").value_or("auto");
  request.background = input.text("background").value_or("auto");
  request.output_format = input.text("output_format").value_or("");
  request.compression = input.integer("output_compression", 0, 100);
  request.stream = input.boolean("stream");
  const std::string format = input.text("response_format").value_or("");
  if (!format.empty() && format != "url" && format != "b64_json") {
    input.wrong("'response_format' must be 'url' or 'b64_json'.", "response_format");
  }
  // Only DALL-E gave addresses when nothing was said.
  request.by_url = format == "url" || (format.empty() && request.model.starts_with("dall-e"));
  if (!image_size(request.size, false)) {
    input.wrong("'size' must be 'auto', pixels such as '1536x1024', or a ratio such as '16:9'.",
                "size");
  }
}

}  // namespace

Result<ImagesRequest> read_images_request(const Request& raw, ImageTask task) {
  Result<Input> input = Input::read(raw);
  if (!input) return fail(std::move(input.error()));
  ImagesRequest request{.task = task, .source = input->source()};
  read_fields(*input, request);
  if (input->problem()) return fail(*input->problem());
  if (task != ImageTask::kVary && request.prompt.empty()) return fail(missing("prompt"));
  if (task == ImageTask::kGenerate) return request;
  if (Result<> read = read_media(*input, request); !read) return fail(std::move(read.error()));
  if (request.images.empty()) return fail(missing("image"));
  return request;
}

}  // namespace wasat::dialect::openai_media
