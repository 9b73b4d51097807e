#include "dialect/anthropic/media.h"

#include <array>
#include <optional>
#include <utility>

#include "dialect/data_url.h"
#include "dialect/fields.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

// Google's own servers open these.
bool is_google_uri(std::string_view url) {
  constexpr std::array kPrefixes = {
      std::string_view("gs://"), std::string_view("https://generativelanguage.googleapis.com/"),
      std::string_view("https://www.youtube.com/"), std::string_view("https://youtube.com/"),
      std::string_view("https://youtu.be/")};
  for (const std::string_view prefix : kPrefixes) {
    if (url.starts_with(prefix)) return true;
  }
  return false;
}

Media inline_media(InlineData data, std::string_view declared, Source& source) {
  Media media;
  if (data.mime_type.empty()) data.mime_type = declared;
  if (data.mime_type.empty()) data.mime_type = sniffed_mime_type(data.data());
  media.data = data.rewritten.empty() ? data.passed : source.keep(std::move(data.rewritten));
  media.mime_type = std::move(data.mime_type);
  return media;
}

Result<Media> read_base64_source(json::Value from, const std::string& path, Source& source) {
  const json::Value data = from["data"];
  if (!data.is_string()) return fail(wrong_type(path + ".data", "a string", data));
  std::optional<InlineData> read = read_data_url(data.escaped());
  if (!read) read = read_base64(data.escaped());
  if (read->data().empty()) return fail(invalid(path + ".data: it is empty", path + ".data"));
  return inline_media(std::move(*read), from["media_type"].string_or(""), source);
}

Result<Media> read_url_source(json::Value from, const std::string& path, Source& source) {
  const json::Value url = from["url"];
  if (!url.is_string()) return fail(wrong_type(path + ".url", "a string", url));
  if (std::optional<InlineData> data = read_data_url(url.escaped())) {
    if (data->data().empty()) return fail(invalid(path + ".url: it is empty", path + ".url"));
    return inline_media(std::move(*data), "", source);
  }
  const std::string_view address = url.string_or("");
  Media media;
  if (is_google_uri(address)) {
    media.kind = Media::Kind::kFile;
    media.data = url.escaped();
  } else if (address.starts_with("http://") || address.starts_with("https://")) {
    media.kind = Media::Kind::kFetch;
    media.url = address;
  } else {
    return fail(invalid(path + ".url: only http(s) URLs and data URLs can be read", path + ".url"));
  }
  return media;
}

Media file_media(json::Value id, Source& source) {
  std::string_view name = id.string_or("");
  Media media{.kind = Media::Kind::kFile};
  if (is_google_uri(name)) {
    media.data = id.escaped();
    return media;
  }
  for (const std::string_view prefix : {"files/", "file-", "file_"}) {
    if (name.starts_with(prefix)) name.remove_prefix(prefix.size());
  }
  std::string uri;
  json::append_escaped(uri, "https://generativelanguage.googleapis.com/v1beta/files/");
  json::append_escaped(uri, name);
  media.data = source.keep(std::move(uri));
  return media;
}

Result<Media> read_source(json::Value from, const std::string& path, Source& source) {
  const std::string_view type = from["type"].string_or("");
  if (type == "base64") return read_base64_source(from, path, source);
  if (type == "url") return read_url_source(from, path, source);
  if (type == "file") {
    if (from["file_id"].string_or("").empty()) {
      return fail(wrong_type(path + ".file_id", "a string", from["file_id"]));
    }
    return file_media(from["file_id"], source);
  }
  if (from["data"].is_string()) return read_base64_source(from, path, source);
  if (from["url"].is_string()) return read_url_source(from, path, source);
  return fail(invalid(path + ": Input tag found using 'type' does not match any of the expected "
                             "tags: 'base64', 'url', 'file'",
                      path));
}

Result<> put_media(json::Value from, const std::string& path, Source& source, BlockSink& sink,
                   std::string_view otherwise) {
  Result<Media> media = read_source(from, path, source);
  if (!media) return fail(std::move(media.error()));
  if (media->mime_type.empty() && media->kind == Media::Kind::kInline) media->mime_type = otherwise;
  media->path = path;
  sink.media(std::move(*media));
  return {};
}

// <document title="..." context="...">, when there is something to say.
bool open_document(json::Value block, Source& source, BlockSink& sink) {
  const std::string_view title = block["title"].escaped();
  const std::string_view context = block["context"].escaped();
  if (title.empty() && context.empty()) return false;
  std::string text = "<document";
  if (!title.empty()) text.append(R"( title=\")").append(title).append(R"(\")");
  text += '>';
  if (!context.empty()) text.append("\\n").append(context);
  sink.text(source.keep(std::move(text)), {});
  return true;
}

Result<> read_parts(json::Value content, const std::string& path, Source& source, BlockSink& sink) {
  if (content.is_string()) {
    sink.text(content.escaped(), content);
    return {};
  }
  for (const json::Value part : content) {
    if (part["type"].string_or("") == "image") {
      if (Result<> image = read_image(part, path, source, sink); !image) return image;
    } else if (const json::Value text = part["text"]; text.is_string()) {
      sink.text(text.escaped(), text);
    }
  }
  return {};
}

}  // namespace

Result<> read_image(json::Value block, const std::string& path, Source& source, BlockSink& sink) {
  return put_media(block["source"], path + ".source", source, sink, "image/jpeg");
}

Result<> read_document(json::Value block, const std::string& path, Source& source,
                       BlockSink& sink) {
  const json::Value from = block["source"];
  const std::string_view type = from["type"].string_or("");
  const bool opened = open_document(block, source, sink);
  Result<> result;
  if (type == "text") {
    if (!from["data"].is_string()) {
      return fail(wrong_type(path + ".source.data", "a string", from["data"]));
    }
    sink.text(from["data"].escaped(), from["data"]);
  } else if (type == "content") {
    result = read_parts(from["content"], path + ".source.content", source, sink);
  } else {
    result = put_media(from, path + ".source", source, sink, "application/pdf");
  }
  if (opened) sink.text("</document>", {});
  return result;
}

void read_upload(json::Value block, const std::string& path, Source& source, BlockSink& sink) {
  if (block["file_id"].string_or("").empty()) return;
  Media media = file_media(block["file_id"], source);
  media.path = path;
  sink.media(std::move(media));
}

void read_search_result(json::Value block, Source& source, BlockSink& sink) {
  std::string text = R"(<search_result source=\")";
  text.append(block["source"].escaped()).append(R"(\" title=\")");
  text.append(block["title"].escaped()).append(R"(\">)");
  for (const json::Value part : block["content"]) {
    if (part["text"].is_string()) text.append("\\n").append(part["text"].escaped());
  }
  text += "\\n</search_result>";
  sink.text(source.keep(std::move(text)), {});
}

}  // namespace wasat::dialect::anthropic
