#include "dialect/anthropic/media.h"

#include <utility>

#include "dialect/conversation/media.h"
#include "dialect/fields.h"

namespace wasat::dialect::anthropic {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Result<Media> read_source(json::Value from, std::string path, std::string_view otherwise,
                          Source& source) {
  const std::string_view type = from["type"].string_or("");
  if (type == "file" || (type.empty() && from["file_id"])) {
    const json::Value id = from["file_id"];
    if (id.string_or("").empty()) return fail(wrong_type(path + ".file_id", "a string", id));
    return media_of_file(id.string_or(""), source, std::move(path));
  }
  if (type == "url" || (type.empty() && from["url"])) {
    const json::Value url = from["url"];
    if (!url.is_string()) return fail(wrong_type(path + ".url", "a string", url));
    return media_of_url(url, source, path + ".url", otherwise);
  }
  if (type == "base64" || from["data"]) {
    const json::Value data = from["data"];
    if (!data.is_string()) return fail(wrong_type(path + ".data", "a string", data));
    return media_of_data(data, from["media_type"].string_or(""), {}, source, path + ".data");
  }
  return fail(invalid(path + ": Input tag found using 'type' does not match any of the expected "
                             "tags: 'base64', 'url', 'file'",
                      path));
}

Result<> put_media(json::Value from, std::string path, std::string_view otherwise, Source& source,
                   BlockSink& sink) {
  Result<Media> media = read_source(from, std::move(path), otherwise, source);
  if (!media) return fail(std::move(media.error()));
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
  return put_media(block["source"], path + ".source", "image/jpeg", source, sink);
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
    result = put_media(from, path + ".source", "application/pdf", source, sink);
  }
  if (opened) sink.text("</document>", {});
  return result;
}

void read_upload(json::Value block, const std::string& path, Source& source, BlockSink& sink) {
  const std::string_view id = block["file_id"].string_or("");
  if (!id.empty()) sink.media(media_of_file(id, source, path));
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
