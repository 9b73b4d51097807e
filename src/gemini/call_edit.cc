#include "gemini/call_edit.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>

#include "json/reader.h"
#include "json/writer.h"

namespace wasat::gemini {
namespace {

constexpr std::string_view kRefused[] = {"presencePenalty", "frequencyPenalty", "responseLogprobs",
                                         "logprobs", "candidateCount"};

bool is_refused(std::string_view name) {
  return std::ranges::find(kRefused, name) != std::end(kRefused);
}

}  // namespace

Body with_continuation(const Body& body, std::string_view token) {
  Body longer;
  auto first = std::make_shared<std::string>();
  first->append(R"({"continuationToken":")").append(token).append("\"");
  // The shared body lives as long as any that points into it.
  const auto owner = std::make_shared<const Body>(body);
  bool opened = false;
  bool comma = false;
  for (std::string_view piece : owner->pieces()) {
    if (!opened) {
      const std::size_t brace = piece.find('{');
      if (brace == std::string_view::npos) continue;
      opened = true;
      longer.append(*first, first);
      piece.remove_prefix(brace + 1);
    }
    if (!comma) {
      const std::size_t next = piece.find_first_not_of(" \t\r\n");
      if (next == std::string_view::npos) continue;
      comma = true;
      if (piece[next] != '}') longer.append(",", nullptr);
    }
    longer.append(piece, owner);
  }
  return longer;
}

std::optional<Body> without_refused_options(const Body& body) {
  auto whole = std::make_shared<Buffer>(body.size());
  for (const std::string_view piece : body.pieces()) {
    std::memcpy(whole->data() + whole->size(), piece.data(), piece.size());
    whole->resize(whole->size() + piece.size());
  }
  json::Document document;
  const Result<json::Value> root = document.parse(whole->padded());
  if (!root) return std::nullopt;
  const json::Value config = (*root)["generationConfig"];
  auto kept = std::make_shared<std::string>();
  json::Writer writer(*kept);
  writer.begin_object();
  bool found = false;
  for (const json::Value member : config) {
    if (is_refused(member.key())) {
      found = true;
    } else {
      writer.key_escaped(member.key()).raw(member.raw());
    }
  }
  writer.end_object();
  if (!config.is_object() || !found) return std::nullopt;
  const std::string_view text = whole->view();
  const auto begin = static_cast<std::size_t>(config.raw().data() - text.data());
  Body shorter;
  shorter.append(text.substr(0, begin), whole);
  shorter.append(*kept, kept);
  shorter.append(text.substr(begin + config.raw().size()), whole);
  return shorter;
}

}  // namespace wasat::gemini
