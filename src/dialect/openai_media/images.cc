#include "dialect/openai_media/images.h"

#include <algorithm>

#include "dialect/openai_media/images_encoder.h"
#include "dialect/openai_media/images_request.h"
#include "dialect/openai_media/tables.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"

namespace wasat::dialect::openai_media {
namespace {

// parameters.sampleCount has no more; a raw call is made once.
constexpr std::size_t kImagenPerCall = 4;

bool is_imagen(std::string_view model) { return model.starts_with("imagen"); }

bool wants_more_pixels(std::string_view quality) { return quality == "high" || quality == "hd"; }

class Images : public Parsed {
 public:
  Images(ImagesRequest request, const Options& options)
      : request_(std::move(request)), options_(options) {
    model = gemini::clean_model_name(request_.model);
    if (model.empty()) model = gemini_model(Task::kImage, "");
    // Imagen answers whole; the encoder still writes events.
    stream = request_.stream && !is_imagen(model);
    for (const MediaInput& image : request_.images) need(image);
    if (request_.mask) need(*request_.mask);
  }

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override;
  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override;

 private:
  void need(const MediaInput& media) {
    if (!media.url.empty() && std::ranges::find(needs.urls, media.url) == needs.urls.end()) {
      needs.urls.push_back(media.url);
    }
  }
  Result<gemini::Call> generate_content(std::string_view upstream_model,
                                        const Findings& findings) const;
  Result<> write_parts(json::Writer& writer, const Findings& findings) const;
  void write_image_config(json::Writer& writer, std::string_view upstream_model) const;
  Result<gemini::Call> predict(std::string_view upstream_model) const;
  gemini::Call predict_call(std::string_view upstream_model, std::size_t count) const;
  std::vector<std::string> resources() const;

  const ImagesRequest request_;
  const Options& options_;
};

Result<gemini::Call> Images::lower(const ChosenModel& chosen, const Findings& findings) {
  const std::string_view upstream_model = gemini_model(Task::kImage, chosen.name);
  if (is_imagen(upstream_model)) {
    stream = false;
    return predict(upstream_model);
  }
  return generate_content(upstream_model, findings);
}

Result<gemini::Call> Images::generate_content(std::string_view upstream_model,
                                              const Findings& findings) const {
  std::string text;
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object().key("contents").begin_array().begin_object();
  writer.member("role", "user").key("parts").begin_array();
  if (Result<> written = write_parts(writer, findings); !written) {
    return fail(std::move(written.error()));
  }
  writer.end_array().end_object().end_array();
  writer.key("generationConfig").begin_object();
  writer.key("responseModalities").begin_array().string("TEXT").string("IMAGE").end_array();
  write_image_config(writer, upstream_model);
  writer.end_object();
  if (!options_.safety_settings.empty()) {
    writer.member_raw("safetySettings", options_.safety_settings);
  }
  writer.end_object();
  gemini::Call call;
  call.method = stream ? gemini::Method::kStreamGenerateContent : gemini::Method::kGenerateContent;
  call.model = upstream_model;
  call.body = json::to_body(std::move(text), splices, request_.source);
  call.resources = resources();
  // candidateCount is refused for images: as many calls as images.
  const gemini::Call one = call;
  call.more.assign(request_.n - 1, one);
  return call;
}

// Gemini 3 wants the pictures before the words that speak of them, as 2.5 does.
Result<> Images::write_parts(json::Writer& writer, const Findings& findings) const {
  for (const MediaInput& image : request_.images) {
    if (Result<> written = write_media_part(writer, *request_.source, image, findings, "image/png");
        !written) {
      return written;
    }
  }
  std::string words = request_.prompt;
  if (request_.mask) {
    if (Result<> written =
            write_media_part(writer, *request_.source, *request_.mask, findings, "image/png");
        !written) {
      return written;
    }
    words +=
        "\n\nThe last image is a mask. Change only what lies where it is transparent, and keep "
        "everything else exactly as it is.";
  }
  if (request_.task == ImageTask::kVary && words.empty()) {
    words = "Draw a variation of this image: the same subject and style, composed anew.";
  }
  if (request_.background == "transparent") words += "\n\nThe background is transparent.";
  writer.begin_object().member("text", words).end_object();
  return {};
}

void Images::write_image_config(json::Writer& writer, std::string_view upstream_model) const {
  ImageSize size = *image_size(request_.size, false);
  if (size.resolution.empty() && wants_more_pixels(request_.quality)) size.resolution = "2K";
  // 2.5 has one resolution and refuses to be told.
  if (!gemini::model_family(upstream_model).third_generation) size.resolution = {};
  if (size.aspect_ratio.empty() && size.resolution.empty()) return;
  writer.key("imageConfig").begin_object();
  if (!size.aspect_ratio.empty()) writer.member("aspectRatio", size.aspect_ratio);
  if (!size.resolution.empty()) writer.member("imageSize", size.resolution);
  writer.end_object();
}

Result<gemini::Call> Images::predict(std::string_view upstream_model) const {
  if (request_.task != ImageTask::kGenerate) {
    return fail(client_error(ErrorKind::kUnsupported,
                             "Imagen draws from words alone. Use a Gemini image model, such as " +
                                 std::string(gemini_model(Task::kImage, "")) +
                                 ", to work with images.",
                             "model"));
  }
  return predict_call(upstream_model, std::min(request_.n, kImagenPerCall));
}

// ai.google.dev/gemini-api/docs/imagen
gemini::Call Images::predict_call(std::string_view upstream_model, std::size_t count) const {
  const ImageSize size = *image_size(request_.size, true);
  std::string text;
  json::Writer writer(text);
  writer.begin_object().key("instances").begin_array().begin_object();
  writer.member("prompt", request_.prompt).end_object().end_array();
  writer.key("parameters").begin_object();
  writer.member("sampleCount", static_cast<std::int64_t>(count));
  if (!size.aspect_ratio.empty()) writer.member("aspectRatio", size.aspect_ratio);
  const bool large = !size.resolution.empty() || wants_more_pixels(request_.quality);
  // The fast ones have no such thing.
  if (large && upstream_model.find("-fast") == upstream_model.npos) {
    writer.member("sampleImageSize", "2K");
  }
  if (request_.output_format == "jpeg" || request_.output_format == "png") {
    writer.key("outputOptions").begin_object();
    writer.member("mimeType", "image/" + request_.output_format);
    if (request_.compression && request_.output_format == "jpeg") {
      writer.member("compressionQuality", *request_.compression);
    }
    writer.end_object();
  }
  writer.member("includeRaiReason", true);
  writer.end_object().end_object();
  gemini::Call call;
  call.method = gemini::Method::kRaw;
  call.model = upstream_model;
  call.http_method = "POST";
  call.path = "/v1beta/" + gemini::model_resource(upstream_model) + ":predict";
  call.headers.emplace_back("Content-Type", "application/json");
  call.body = Body::of(std::move(text));
  return call;
}

std::vector<std::string> Images::resources() const {
  std::vector<std::string> found;
  for (const MediaInput& image : request_.images) {
    if (!image.file.empty()) found.push_back(image.file);
  }
  if (request_.mask && !request_.mask->file.empty()) found.push_back(request_.mask->file);
  return found;
}

std::unique_ptr<Encoder> Images::encoder(const AnswerContext& context) {
  return make_images_encoder(
      {.context = context,
       .event = request_.task == ImageTask::kGenerate ? "image_generation" : "image_edit",
       .size = request_.size,
       .quality = request_.quality,
       .background = request_.background,
       .wanted = request_.n,
       .by_url = request_.by_url,
       .events = request_.stream});
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_images(const Request& request, std::string_view what) {
  const ImageTask task = what == "edits"        ? ImageTask::kEdit
                         : what == "variations" ? ImageTask::kVary
                                                : ImageTask::kGenerate;
  Result<ImagesRequest> read = read_images_request(request, task);
  if (!read) return fail(std::move(read.error()));
  return std::make_unique<Images>(std::move(*read), request.options);
}

}  // namespace wasat::dialect::openai_media
