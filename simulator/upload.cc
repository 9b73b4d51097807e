#include "simulator/upload.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <vector>

#include "base/query.h"
#include "gemini/resource_path.h"
#include "json/reader.h"
#include "simulator/fields.h"
#include "simulator/google_error.h"
#include "simulator/google_json.h"
#include "simulator/resources/files.h"
#include "simulator/text.h"

namespace wasat::simulator {
namespace {

constexpr std::size_t kPiece = 256 * 1024;

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  return !text.empty() && read.ec == std::errc() ? std::optional(value) : std::nullopt;
}

// {"file":{"displayName","name","mimeType"}}, or the same without "file".
void read_metadata(Upload& upload, std::string_view text) {
  const std::shared_ptr<Buffer> buffer = Buffer::copy_of(text);
  json::Document document;
  const Result<json::Value> root = document.parse(buffer->padded());
  if (!root) return;
  const json::Value file = (*root)["file"] ? (*root)["file"] : *root;
  upload.display_name = field(file, "displayName").string_or(upload.display_name);
  upload.mime_type = field(file, "mimeType").string_or(upload.mime_type);
  upload.wanted_name = file["name"].string_or("");
}

}  // namespace

bool is_upload(const http::ServerRequest& request) {
  return request.path.starts_with("/upload/") && request.method != "GET";
}

Task<int> UploadExchange::refuse(int code, std::string_view status, std::string_view message) {
  response_.close_after();
  const std::string text = pretty(google_error(code, status, message).body);
  const http::Header type{"content-type", "application/json; charset=UTF-8"};
  const Result<> sent = co_await response_.send(code, {&type, 1}, text);
  co_return sent ? code : 0;
}

Task<int> UploadExchange::answer(std::string_view compact, std::string_view upload_status,
                                 std::uint64_t received) {
  const std::string size = std::to_string(received);
  std::vector<http::Header> headers{{"content-type", "application/json; charset=UTF-8"}};
  if (!upload_status.empty()) headers.push_back({"x-goog-upload-status", upload_status});
  if (upload_status == "active") headers.push_back({"x-goog-upload-size-received", size});
  const std::string text = compact.empty() ? std::string() : pretty(compact);
  const Result<> sent = co_await response_.send(200, headers, text);
  co_return sent ? 200 : 0;
}

Task<int> UploadExchange::run() {
  const gemini::ResourcePath path = gemini::read_resource_path("POST", request_.path);
  const std::string_view command = request_.header("x-goog-upload-command");
  if (const std::string_view id = query_value(request_.query, "upload_id"); !id.empty()) {
    const std::optional<Upload> upload = holdings_.find_upload(id);
    if (!upload || (!key_.empty() && upload->key != key_)) {
      co_return co_await refuse(404, "NOT_FOUND", "Requested entity was not found.");
    }
    co_return co_await go_on(std::string(id), *upload, command);
  }
  if (path.kind == gemini::ResourceKind::kStores && !holdings_.find(key_, path.owned)) {
    co_return co_await refuse(404, "NOT_FOUND", "Requested entity was not found.");
  }
  Upload upload{.key = key_,
                .target = path.owned.empty() ? "files" : path.owned,
                .version = {},
                .display_name = std::string(request_.header("x-goog-upload-file-name")),
                .mime_type = std::string(request_.header("content-type")),
                .wanted_name = {},
                .announced = {},
                .hash = std::make_shared<Sha256>()};
  const std::string protocol = lower_case(request_.header("x-goog-upload-protocol"));
  const std::string_view type = query_value(request_.query, "uploadType");
  if (protocol == "multipart" || type == "multipart") co_return co_await multipart(upload);
  if (protocol == "raw" || type == "media") co_return co_await whole(upload);
  if (protocol == "resumable" && command == "start") co_return co_await begin(upload);
  co_return co_await refuse(400, "INVALID_ARGUMENT", "Upload protocol is not supported.");
}

Task<int> UploadExchange::begin(Upload upload) {
  const auto body = co_await request_.read_body({});
  if (!body) co_return 0;
  upload.mime_type = request_.header("x-goog-upload-header-content-type");
  upload.announced = number(request_.header("x-goog-upload-header-content-length"));
  read_metadata(upload, (*body)->view());
  if (!upload.wanted_name.empty() && holdings_.exists(upload.wanted_name)) {
    co_return co_await refuse(409, "ALREADY_EXISTS", "File already exists.");
  }
  const std::string id = holdings_.begin_upload(upload);
  std::string url = "http://" + std::string(request_.header("host"));
  url.append(request_.path).append("?upload_id=").append(id).append("&upload_protocol=resumable");
  const std::string control = url + "&control=1";
  const std::vector<http::Header> headers{{"content-type", "text/plain; charset=utf-8"},
                                          {"x-goog-upload-url", url},
                                          {"x-goog-upload-control-url", control},
                                          {"x-goog-upload-chunk-granularity", "8388608"},
                                          {"x-goog-upload-status", "active"}};
  const Result<> sent = co_await response_.send(200, headers, {});
  co_return sent ? 200 : 0;
}

Task<int> UploadExchange::go_on(std::string id, Upload upload, std::string_view command) {
  if (command.contains("query")) co_return co_await answer({}, "active", upload.received);
  if (command.contains("cancel")) {
    holdings_.end_upload(id);
    co_return co_await answer({}, "cancelled");
  }
  const auto offset = number(request_.header("x-goog-upload-offset"));
  if (offset && *offset != upload.received) {
    co_return co_await refuse(400, "INVALID_ARGUMENT", "Invalid offset of an upload.");
  }
  const std::unique_ptr<char[]> room(new char[kPiece]);
  for (;;) {
    const Result<std::size_t> n = co_await request_.read_some({room.get(), kPiece});
    if (!n) co_return 0;
    if (*n == 0) break;
    upload.hash->add({room.get(), *n});
    upload.received += *n;
  }
  if (!command.contains("finalize")) {
    holdings_.update_upload(id, upload);
    co_return co_await answer({}, "active", upload.received);
  }
  holdings_.end_upload(id);
  if (upload.announced && *upload.announced != upload.received) {
    co_return co_await refuse(400, "INVALID_ARGUMENT", "The upload has another size.");
  }
  const std::string done =
      finish_upload(holdings_, upload, upload.received, upload.hash->hex_digits());
  co_return co_await answer(done, "final");
}

Task<int> UploadExchange::whole(Upload upload) {
  const std::unique_ptr<char[]> room(new char[kPiece]);
  for (;;) {
    const Result<std::size_t> n = co_await request_.read_some({room.get(), kPiece});
    if (!n) co_return 0;
    if (*n == 0) break;
    upload.hash->add({room.get(), *n});
    upload.received += *n;
  }
  const std::string done =
      finish_upload(holdings_, upload, upload.received, upload.hash->hex_digits());
  co_return co_await answer(done, "final");
}

// Two parts: JSON, and the bytes with their type.
Task<int> UploadExchange::multipart(Upload upload) {
  const auto body = co_await request_.read_body({});
  if (!body) co_return 0;
  const std::string_view type = request_.header("content-type");
  std::string_view boundary = type.substr(std::min(type.find("boundary="), type.size()));
  boundary.remove_prefix(std::min<std::size_t>(9, boundary.size()));
  boundary = boundary.substr(0, boundary.find(';'));
  if (boundary.starts_with('"')) boundary = boundary.substr(1, boundary.find('"', 1) - 1);
  const std::string mark = "--" + std::string(boundary);
  const std::string_view text = (*body)->view();
  std::vector<std::string_view> parts;
  for (std::size_t at = text.find(mark); at != std::string_view::npos;) {
    const std::size_t begin = at + mark.size();
    const std::size_t next = text.find("\r\n" + mark, begin);
    if (next == std::string_view::npos) break;
    parts.push_back(text.substr(begin + 2, next - begin - 2));
    at = next + 2;
  }
  if (boundary.empty() || parts.size() != 2) {
    co_return co_await refuse(400, "INVALID_ARGUMENT", "Multipart body must have two parts.");
  }
  const auto content = [](std::string_view part) {
    return part.substr(std::min(part.find("\r\n\r\n") + 4, part.size()));
  };
  const std::string head = lower_case(parts[1].substr(0, parts[1].find("\r\n\r\n")));
  if (const std::size_t at = head.find("content-type:"); at != std::string::npos) {
    std::string value = head.substr(at + 13, head.find('\r', at) - at - 13);
    upload.mime_type = value.substr(std::min(value.find_first_not_of(' '), value.size()));
  }
  read_metadata(upload, content(parts[0]));
  upload.hash->add(content(parts[1]));
  const std::string done =
      finish_upload(holdings_, upload, content(parts[1]).size(), upload.hash->hex_digits());
  co_return co_await answer(done, "final");
}

}  // namespace wasat::simulator
