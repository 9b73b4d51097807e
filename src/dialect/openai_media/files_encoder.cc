#include "dialect/openai_media/files_encoder.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

constexpr std::string_view kPrefix = "files/";

Error not_understood() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNever,
                        "The upstream's answer about files cannot be understood.");
}

// "files/abc" is "file-abc": OpenAI's ids begin so.
std::string client_id(std::string_view name) {
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  return "file-" + std::string(name);
}

// int64 is a string in Google's JSON.
std::int64_t integer_of(json::Value value) {
  if (const auto number = value.integer()) return *number;
  std::int64_t number = 0;
  const std::string_view text = value.string_or("");
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

std::string_view status_of(json::Value file) {
  const std::string_view state = file["state"].string_or("");
  if (state == "ACTIVE") return "processed";
  return state == "FAILED" ? "error" : "uploaded";
}

void write_file(json::Writer& writer, json::Value file, std::string_view purpose) {
  const std::string_view name = file["name"].string_or("");
  writer.begin_object().member("id", client_id(name)).member("object", "file");
  writer.member("bytes", integer_of(file["sizeBytes"]));
  writer.member("created_at", unix_time(file["createTime"].string_or("")));
  if (const auto expires = unix_time(file["expirationTime"].string_or("")); expires != 0) {
    writer.member("expires_at", expires);
  }
  const std::string_view title = file["displayName"].string_or("");
  writer.member("filename", title.empty() ? name : title).member("purpose", purpose);
  writer.member("status", status_of(file));
  if (const json::Value why = file["error"]["message"]; why.is_string()) {
    writer.key("status_details").escaped_string(why.escaped());
  }
  // What Gemini's own calls name it by.
  if (const json::Value uri = file["uri"]; uri.is_string()) {
    writer.key("uri").escaped_string(uri.escaped());
  }
  if (const json::Value type = file["mimeType"]; type.is_string()) {
    writer.key("mime_type").escaped_string(type.escaped());
  }
  writer.end_object();
}

class FilesEncoder : public Encoder {
 public:
  explicit FilesEncoder(FilesShape shape) : shape_(std::move(shape)) {}

  std::string_view content_type() const override { return "application/json"; }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) override {
    if (seen_) return fail(not_understood());  // it comes as one
    tally.content = tally.finished = seen_ = true;
    json::Writer writer(out);
    if (shape_.action == FilesAction::kDelete) {
      writer.begin_object().member("id", client_id(shape_.name)).member("object", "file");
      writer.member("deleted", true).end_object();
      return {};
    }
    const Result<json::Value> root = document_.parse(frame.json);
    if (!root || !root->is_object()) return fail(not_understood());
    if (shape_.action == FilesAction::kList) {
      append_list(out, (*root)["files"]);
      return {};
    }
    // An upload answers {"file": {...}}, everything else the file itself.
    const json::Value file = (*root)["file"].is_object() ? (*root)["file"] : *root;
    if (!file["name"].is_string()) return fail(not_understood());
    write_file(writer, file, shape_.purpose);
    return {};
  }

  Result<> finish(gemini::Tally&, std::string&) override {
    if (!seen_) return fail(not_understood());
    return {};
  }

  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  void append_list(std::string& out, json::Value values) const {
    struct Listed {
      std::int64_t time;
      std::size_t index;  // in Google's order, for those of the same second
      json::Value file;
    };
    std::vector<Listed> files;
    for (const json::Value file : values) {
      if (!file["name"].is_string()) continue;
      const std::int64_t time = unix_time(file["createTime"].string_or(""));
      files.push_back({shape_.ascending ? time : -time, files.size(), file});
    }
    std::ranges::sort(files, {},
                      [](const Listed& each) { return std::pair(each.time, each.index); });
    const auto name_of = [](const Listed& each) { return each.file["name"].string_or(""); };
    if (!shape_.after.empty()) {
      const auto at = std::ranges::find(files, std::string_view(shape_.after), name_of);
      if (at != files.end()) files.erase(files.begin(), at + 1);
    }
    const bool more = files.size() > shape_.limit;
    if (more) files.resize(shape_.limit);
    json::Writer writer(out);
    writer.begin_object().member("object", "list").key("data").begin_array();
    for (const Listed& each : files) write_file(writer, each.file, shape_.purpose);
    writer.end_array();
    if (!files.empty()) {
      writer.member("first_id", client_id(name_of(files.front())));
      writer.member("last_id", client_id(name_of(files.back())));
    }
    writer.member("has_more", more).end_object();
  }

  const FilesShape shape_;
  json::Document document_;
  bool seen_ = false;
};

}  // namespace

std::int64_t unix_time(std::string_view text) {
  const auto field = [text](std::size_t at, std::size_t size) {
    unsigned value = 0;
    if (at + size > text.size()) return 0u;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  if (text.size() < 19 || text[4] != '-' || text[10] != 'T') return 0;
  using namespace std::chrono;
  const year_month_day date{year(static_cast<int>(field(0, 4))), month(field(5, 2)),
                            day(field(8, 2))};
  if (!date.ok()) return 0;
  const auto time =
      sys_days(date) + hours(field(11, 2)) + minutes(field(14, 2)) + seconds(field(17, 2));
  return duration_cast<seconds>(time.time_since_epoch()).count();
}

std::unique_ptr<Encoder> make_files_encoder(FilesShape shape) {
  return std::make_unique<FilesEncoder>(std::move(shape));
}

}  // namespace wasat::dialect::openai_media
