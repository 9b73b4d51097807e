#include "dialect/openai_responses/memory.h"

#include <array>

#include "base/body.h"

namespace wasat::dialect::openai_responses {
namespace {

constexpr std::size_t kIdLength = 24;  // AnswerContext::id

// A memo's text with its tree.
struct Read {
  std::shared_ptr<const Buffer> text;
  json::Document document;
};

}  // namespace

std::string response_of_item(std::string_view item_id) {
  const std::size_t line = item_id.find('_');
  if (line == item_id.npos || item_id.size() <= line + 1 + kIdLength) return {};
  return "resp_" + std::string(item_id.substr(line + 1, kIdLength));
}

const Memory::Response* Memory::find(std::string_view response_id, const Findings& findings,
                                     Source& source) {
  if (const auto known = responses_.find(response_id); known != responses_.end()) {
    return &known->second;
  }
  const auto memo = findings.memos.find(response_id);
  if (memo == findings.memos.end()) return nullptr;
  auto read = std::make_shared<Read>();
  read->text = Buffer::copy_of(memo->second);
  const auto root = read->document.parse(read->text->padded());
  if (!root || !(*root)["items"].is_array() || !(*root)["response"].is_object()) return nullptr;
  source.others.push_back(read);
  const Response response{.response = (*root)["response"], .items = (*root)["items"]};
  return &responses_.emplace(response_id, response).first->second;
}

json::Value Memory::find_item(std::string_view item_id, const Findings& findings, Source& source) {
  (void)find(response_of_item(item_id), findings, source);
  return known_item(item_id);
}

const Memory::Response* Memory::known(std::string_view response_id) const {
  const auto response = responses_.find(response_id);
  return response == responses_.end() ? nullptr : &response->second;
}

json::Value Memory::known_item(std::string_view item_id) const {
  const Response* response = known(response_of_item(item_id));
  if (response == nullptr) return {};
  for (const json::Value item : response->items) {
    if (item["id"].string_or("") == item_id) return item;
  }
  return {};
}

std::string written_memo(std::string_view response, std::string_view items) {
  std::string memo;
  memo.reserve(response.size() + items.size() + 32);
  memo += R"({"response":)";
  memo += response;
  memo += R"(,"items":[)";
  memo += items;
  memo += "]}";
  return memo;
}

}  // namespace wasat::dialect::openai_responses
