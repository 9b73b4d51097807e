#include "dialect/openai_media/files.h"

#include <algorithm>
#include <charconv>

#include "base/query.h"
#include "dialect/openai_media/files_encoder.h"
#include "dialect/openai_media/input.h"
#include "dialect/openai_media/media_input.h"
#include "dialect/paths.h"

namespace wasat::dialect::openai_media {
namespace {

constexpr std::string_view kUpload = "/upload/v1beta/files";
constexpr std::string_view kFiles = "/v1beta/files";
constexpr std::int64_t kMostListed = 10000;  // `limit` of OpenAI

// A call whose answer the encoder translates.
class FilesCall : public Parsed {
 public:
  FilesCall(gemini::Call call, FilesShape shape)
      : call_(std::move(call)), shape_(std::move(shape)) {}

  Result<gemini::Call> lower(const ChosenModel&, const Findings&) override { return call_; }
  std::unique_ptr<Encoder> encoder(const AnswerContext&) override {
    return make_files_encoder(shape_);
  }

 private:
  const gemini::Call call_;
  const FilesShape shape_;
};

gemini::Call raw_call(std::string_view http_method, std::string path) {
  gemini::Call call;
  call.method = gemini::Method::kRaw;
  call.http_method = http_method;
  call.path = std::move(path);
  return call;
}

std::string type_of(const http::FormPart& file) {
  if (file.filename && file.filename->ends_with(".jsonl")) return "application/jsonl";
  return mime_type_of(file, "application/octet-stream");
}

// ai.google.dev/api/files#method:-media.upload, in one request: the description
// and the bytes as multipart/related. The client's boundary occurs in neither.
Result<std::unique_ptr<Parsed>> upload(const Request& request) {
  Result<Input> input = Input::read(request);
  if (!input) return fail(std::move(input.error()));
  if (!input->is_form()) {
    return fail(client_error(ErrorKind::kUnsupportedMedia,
                             "Uploads are multipart/form-data with the fields 'file' and "
                             "'purpose'."));
  }
  const std::vector<const http::FormPart*> files = input->files("file");
  if (files.empty()) return fail(missing("file"));
  const http::FormPart& file = *files.front();
  if (file.bytes.empty()) {
    return fail(client_error(ErrorKind::kInvalidRequest, "'file' is empty.", "file"));
  }
  FilesShape shape{.action = FilesAction::kShow};
  shape.purpose = input->text("purpose").value_or("user_data");
  if (input->problem()) return fail(*input->problem());

  const std::string boundary = http::form_boundary(request.content_type);
  const std::string type = type_of(file);
  std::string head = "--" + boundary + "\r\nContent-Type: application/json; charset=utf-8\r\n\r\n";
  json::Writer writer(head);
  writer.begin_object().key("file").begin_object();
  writer.member("displayName", file.filename.value_or("upload")).member("mimeType", type);
  writer.end_object().end_object();
  head += "\r\n--" + boundary + "\r\nContent-Type: " + type + "\r\n\r\n";
  gemini::Call call = raw_call("POST", std::string(kUpload));
  call.headers.emplace_back("X-Goog-Upload-Protocol", "multipart");
  call.headers.emplace_back("Content-Type", "multipart/related; boundary=\"" + boundary + "\"");
  call.body = Body::of(std::move(head));
  call.body.append(file.bytes, request.body);
  const auto tail = std::make_shared<const std::string>("\r\n--" + boundary + "--\r\n");
  call.body.append(*tail, tail);
  return std::make_unique<FilesCall>(std::move(call), std::move(shape));
}

// Google's pages have other cursors than OpenAI's, so one page of the most that
// it gives is cut to what was asked for.
Result<std::unique_ptr<Parsed>> list(const Request& request) {
  FilesShape shape{.action = FilesAction::kList};
  shape.after = file_resource(query_value(request.query, "after"));
  shape.ascending = query_value(request.query, "order") == "asc";
  const std::string_view limit = query_value(request.query, "limit");
  std::int64_t number = kMostListed;
  if (!limit.empty()) {
    const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), number);
    if (error != std::errc() || end != limit.data() + limit.size() || number < 1) {
      return fail(
          client_error(ErrorKind::kInvalidRequest, "'limit' must be a positive integer.", "limit"));
    }
  }
  shape.limit = static_cast<std::size_t>(std::min(number, kMostListed));
  gemini::Call call = raw_call("GET", std::string(kFiles));
  call.query = "pageSize=100";
  return std::make_unique<FilesCall>(std::move(call), std::move(shape));
}

}  // namespace

Result<std::unique_ptr<Parsed>> parse_files(const Request& request, std::string_view rest) {
  if (rest.empty()) {
    if (request.http_method == "POST") return upload(request);
    if (request.http_method == "GET") return list(request);
    return fail(wrong_method(request, "GET and POST"));
  }
  constexpr std::string_view kContent = "/content";
  const bool content = rest.ends_with(kContent);
  if (content) rest.remove_suffix(kContent.size());
  const std::string name = file_resource(rest.substr(1));
  if (name.empty()) {
    return fail(client_error(ErrorKind::kNotFound, "There is no file of this id.", "id"));
  }
  const bool deletes = request.http_method == "DELETE" && !content;
  if (request.http_method != "GET" && !deletes) {
    return fail(wrong_method(request, content ? "GET" : "GET and DELETE"));
  }
  gemini::Call call = raw_call(request.http_method, "/v1beta/" + name);
  call.resources.push_back(name);
  if (content) {
    // Google gives back what it made, and refuses what was uploaded.
    call.path += ":download";
    call.query = "alt=media";
  }
  auto parsed = std::make_unique<FilesCall>(
      std::move(call),
      FilesShape{.action = deletes ? FilesAction::kDelete : FilesAction::kShow, .name = name});
  parsed->passes_answer = content;
  return parsed;
}

}  // namespace wasat::dialect::openai_media
