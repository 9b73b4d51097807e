#include "dialect/openai_media/images_encoder.h"

#include <algorithm>

#include "dialect/data_url.h"
#include "dialect/media_link.h"
#include "dialect/openai_errors.h"
#include "dialect/openai_media/answer_notes.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

bool stands_in_mime_type(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '.' || c == '+' || c == '-';
}

// A MIME type that can stand between quotes and in a data URL, else "image/png".
std::string clean_type(json::Value value, std::string_view base64) {
  std::string_view type = value.string_or("");
  if (!type.starts_with("image/") || !std::ranges::all_of(type, stands_in_mime_type)) {
    type = sniffed_mime_type(base64);
  }
  return std::string(type.empty() ? "image/png" : type);
}

class ImagesEncoder : public Encoder {
 public:
  explicit ImagesEncoder(ImagesShape shape)
      : shape_(std::move(shape)), notes_(shape_.context.created) {}

  std::string_view content_type() const override {
    return shape_.events ? "text/event-stream" : "application/json";
  }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) override {
    const Result<json::Value> root = notes_.read(frame, tally);
    if (!root) return fail(root.error());
    if (calls_.size() <= frame.call) calls_.resize(frame.call + 1);
    Answer& answer = calls_[frame.call];
    for (const json::Value part : answer_parts(*root)) {
      if (const json::Value data = part["inlineData"]["data"]; data.is_string()) {
        add_image(answer, part["inlineData"]["mimeType"], data, tally);
      } else if (const json::Value text = part["text"]; text.is_string()) {
        answer.text += text.escaped();
        answer.said += text.string_or("");
      }
    }
    if (const json::Value predictions = (*root)["predictions"]; predictions.is_array()) {
      read_predictions(predictions, answer, tally);
    }
    return {};
  }

  Result<> finish(gemini::Tally& tally, std::string& out) override {
    std::size_t count = 0;
    for (const Answer& answer : calls_) count += answer.images.size();
    if (count == 0) return fail(nothing());
    tally.finished = true;
    if (shape_.events) {
      append_events(out);
    } else {
      append_answer(out);
    }
    return {};
  }

  void error(const Error& error, std::string& out) override {
    out += "event: error\ndata: ";
    openai::append_error(out, error);
    out += "\n\n";
  }
  void heartbeat(std::string& out) override {
    if (shape_.events) out += ": keep-alive\n\n";
  }

 private:
  struct Image {
    std::string member;  // "b64_json":"..." or "url":"..."
    std::string_view format;
    std::string revised;  // escaped
  };
  // Of one call.
  struct Answer {
    std::vector<Image> images;
    std::string text;     // escaped
    std::string said;     // the same as it is meant
    std::string refused;  // why Imagen filtered something
  };

  void add_image(Answer& answer, json::Value mime_type, json::Value data, gemini::Tally& tally) {
    const std::string_view base64 = data.escaped();
    if (base64.empty()) return;
    tally.content = true;
    const std::string type = clean_type(mime_type, base64);
    Image image{.format = media_extension(type)};
    if (shape_.by_url) {
      const std::string link =
          media_link(shape_.context, tally, ++linked_, type, data.string_or(""));
      image.member = R"("url":")";
      if (link.empty()) {
        image.member.append("data:").append(type).append(";base64,").append(base64);
      } else {
        image.member += link;
      }
      image.member += '"';
    } else {
      image.member.reserve(base64.size() + 16);
      image.member.append(R"("b64_json":")").append(base64) += '"';
    }
    if (image.format == "jpg") image.format = "jpeg";
    answer.images.push_back(std::move(image));
  }

  void read_predictions(json::Value predictions, Answer& answer, gemini::Tally& tally) {
    tally.finished = true;
    for (const json::Value prediction : predictions) {
      if (const json::Value data = prediction["bytesBase64Encoded"]; data.is_string()) {
        add_image(answer, prediction["mimeType"], data, tally);
        if (const json::Value prompt = prediction["prompt"];
            prompt.is_string() && !answer.images.empty()) {
          answer.images.back().revised = prompt.escaped();
        }
      } else if (const json::Value why = prediction["raiFilteredReason"]; why.is_string()) {
        answer.refused = why.string_or("");
      }
    }
    tally.usage.images = static_cast<std::int64_t>(answer.images.size());
  }

  Error nothing() const {
    std::string said;
    for (const Answer& answer : calls_) {
      if (!answer.refused.empty()) {
        return upstream_error(ErrorKind::kContentBlocked, Retry::kNever,
                              "Imagen's filters let no image through: " + answer.refused);
      }
      if (said.empty()) said = answer.said;
    }
    return notes_.nothing("no image", said);
  }

  static std::string_view revised(const Answer& answer, const Image& image) {
    return image.revised.empty() ? answer.text : image.revised;
  }

  std::string_view format() const {
    for (const Answer& answer : calls_) {
      if (!answer.images.empty()) return answer.images.front().format;
    }
    return {};
  }

  void append_usage(std::string& out) const {
    const Tokens tokens = notes_.tokens();
    json::Writer writer(out);
    writer.begin_object().member("input_tokens", tokens.input);
    writer.member("output_tokens", tokens.output).member("total_tokens", tokens.total());
    writer.key("input_tokens_details").begin_object();
    writer.member("text_tokens", tokens.input_text).member("image_tokens", tokens.input_other);
    writer.end_object().end_object();
  }

  // The members that an answer and each of its events have.
  void append_about(std::string& out) const {
    const auto add = [&out](std::string_view name, std::string_view value) {
      out.append(",\"").append(name).append("\":");
      json::append_string(out, value);
    };
    add("size", shape_.size);
    add("quality", shape_.quality);
    add("background", shape_.background);
    if (const std::string_view written = format(); !written.empty()) {
      add("output_format", written);
    }
    out += R"(,"usage":)";
    append_usage(out);
  }

  void append_answer(std::string& out) const {
    out += R"({"created":)" + std::to_string(shape_.context.created) + R"(,"data":[)";
    std::size_t count = 0;
    for (const Answer& answer : calls_) {
      for (const Image& image : answer.images) {
        if (count == shape_.wanted) break;
        if (count++ != 0) out += ',';
        out += '{';
        out += image.member;
        if (const std::string_view text = revised(answer, image); !text.empty()) {
          out.append(R"(,"revised_prompt":")").append(text) += '"';
        }
        out += '}';
      }
    }
    out += ']';
    append_about(out);
    out += '}';
  }

  void append_events(std::string& out) const {
    for (const Answer& answer : calls_) {
      for (const Image& image : answer.images) {
        out.append("event: ").append(shape_.event).append(".completed\n");
        out.append(R"(data: {"type":")").append(shape_.event).append(R"(.completed",)");
        out += image.member;
        out += R"(,"created_at":)" + std::to_string(shape_.context.created);
        append_about(out);
        out += "}\n\n";
      }
    }
  }

  const ImagesShape shape_;
  AnswerNotes notes_;
  std::vector<Answer> calls_;
  std::size_t linked_ = 0;
};

}  // namespace

std::unique_ptr<Encoder> make_images_encoder(ImagesShape shape) {
  return std::make_unique<ImagesEncoder>(std::move(shape));
}

}  // namespace wasat::dialect::openai_media
