#include "simulator/resources/files.h"

#include <utility>

#include "json/writer.h"
#include "simulator/resources/asked.h"

namespace wasat::simulator {
namespace {

constexpr std::int64_t kLife = 48 * 3600;

std::string uri(const Holding& file) { return std::string(kApi) + "v1beta/" + file.name; }

}  // namespace

std::string download_uri(const Holding& file) { return uri(file) + ":download?alt=media"; }

std::string file_json(const Holding& file) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object().member("name", file.name);
  if (!file.display_name.empty()) writer.member("displayName", file.display_name);
  writer.member("mimeType", file.mime_type)
      .member("sizeBytes", std::to_string(file.size))
      .member("createTime", time_text(file.made))
      .member("updateTime", time_text(file.made))
      .member("expirationTime", time_text(file.made + kLife));
  if (!file.sha256.empty()) writer.member("sha256Hash", file.sha256);
  writer.member("uri", uri(file)).member("state", "ACTIVE");
  writer.member("source", file.generated ? "GENERATED" : "UPLOADED");
  if (file.generated) writer.member("downloadUri", download_uri(file));
  writer.end_object();
  return out;
}

Outcome download(const Holding& file) {
  if (!file.generated) {
    return refuse(invalid_argument("Only generated files can be downloaded."));
  }
  Outcome outcome{
      .status = 200, .content_type = "application/octet-stream", .frames = {}, .tail = {}};
  std::string bytes;
  bytes.reserve(file.size);
  while (bytes.size() < file.size) bytes += static_cast<char>('a' + bytes.size() % 23);
  outcome.frames.push_back(std::move(bytes));
  return outcome;
}

std::string finish_upload(Holdings& holdings, const Upload& upload, std::uint64_t size,
                          std::string_view sha256) {
  Holding holding;
  holding.key = upload.key;
  holding.display_name = upload.display_name;
  holding.mime_type = upload.mime_type;
  holding.size = size;
  holding.sha256 = sha256;
  holding.made = now_seconds();
  if (upload.target == "files") {
    holding.name = upload.wanted_name.empty() ? holdings.new_name("files/") : upload.wanted_name;
    holding.ends = holding.made + kLife;
    std::string out = R"({"file":)" + file_json(holding) + "}";
    return holdings.put(std::move(holding)) ? out : std::string();
  }
  holding.name = holdings.new_name(upload.target + "/documents/");
  holding.parent = upload.target;
  Holding operation;
  operation.name = holdings.new_name(upload.target + "/upload/operations/");
  operation.key = upload.key;
  operation.parent = upload.target;
  operation.made = holding.made;
  operation.result =
      R"({"parent":")" + upload.target + R"(","documentName":")" + holding.name + R"("})";
  std::string out = R"({"name":")" + operation.name + R"("})";
  holdings.put(std::move(holding));
  holdings.put(std::move(operation));
  return out;
}

}  // namespace wasat::simulator
