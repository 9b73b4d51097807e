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

std::shared_ptr<Buffer> joined(const Body& body) {
  auto whole = std::make_shared<Buffer>(body.size());
  for (const std::string_view piece : body.pieces()) {
    std::memcpy(whole->data() + whole->size(), piece.data(), piece.size());
    whole->resize(whole->size() + piece.size());
  }
  return whole;
}

// ai.google.dev/gemini-api/docs/thought-signatures: taken in place of any signature.
constexpr std::string_view kBypass = R"("skip_thought_signature_validator")";
constexpr std::string_view kBypassMember =
    R"("thoughtSignature":"skip_thought_signature_validator",)";

// A text with some of its parts replaced, in order.
class Edited {
 public:
  explicit Edited(std::shared_ptr<Buffer> whole) : whole_(std::move(whole)) {}

  void replace(std::string_view old, std::string_view by) {
    const std::string_view text = whole_->view();
    const auto begin = static_cast<std::size_t>(old.data() - text.data());
    body_.append(text.substr(at_, begin - at_), whole_);
    body_.append(by, nullptr);
    at_ = begin + old.size();
    changed_ = true;
  }
  std::optional<Body> body() {
    if (!changed_) return std::nullopt;
    body_.append(whole_->view().substr(at_), whole_);
    return std::move(body_);
  }

 private:
  std::shared_ptr<Buffer> whole_;
  Body body_;
  std::size_t at_ = 0;
  bool changed_ = false;
};

bool is_signature(std::string_view name) {
  return name == "thoughtSignature" || name == "thought_signature";
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
  const std::shared_ptr<Buffer> whole = joined(body);
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

std::optional<Body> with_bypassed_signatures(const Body& body) {
  const std::shared_ptr<Buffer> whole = joined(body);
  json::Document document;
  const Result<json::Value> root = document.parse(whole->padded());
  if (!root) return std::nullopt;
  Edited edited(whole);
  for (const json::Value content : (*root)["contents"]) {
    bool first_call = true;
    for (const json::Value part : content["parts"]) {
      const bool call = part["functionCall"] || part["function_call"];
      bool is_signed = false;
      for (const json::Value member : part) is_signed = is_signed || is_signature(member.key());
      if (call && first_call && !is_signed) {
        edited.replace(part.raw().substr(1, 0), kBypassMember);
      }
      first_call = first_call && !call;
      for (const json::Value member : part) {
        if (is_signature(member.key())) edited.replace(member.raw(), kBypass);
      }
    }
  }
  return edited.body();
}

}  // namespace wasat::gemini
