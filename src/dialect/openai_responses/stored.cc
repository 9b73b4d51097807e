#include "dialect/openai_responses/stored.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "base/query.h"
#include "dialect/openai_responses/memory.h"
#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

// GET /responses/{id}/input_items in OpenAI's API reference.
constexpr std::size_t kDefaultLimit = 20;
constexpr std::size_t kMaxLimit = 100;

// An answer that is known already.
class Ready : public Encoder {
 public:
  Ready(std::string answer, std::string forgotten)
      : answer_(std::move(answer)), forgotten_(std::move(forgotten)) {}

  std::string_view content_type() const override { return "application/json"; }
  Result<> frame(const gemini::Frame&, gemini::Tally&, std::string&) override { return {}; }
  Result<> finish(gemini::Tally& tally, std::string& out) override {
    out += answer_;
    // Nothing can be read out of a memo that is empty.
    if (!forgotten_.empty()) {
      tally.memos.push_back(
          {.kind = gemini::Memo::Kind::kResponse, .key = forgotten_, .value = {}});
    }
    return {};
  }
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  const std::string answer_;
  const std::string forgotten_;
};

struct Listed {
  std::string id;
  std::string json;
};

class Stored : public Parsed {
 public:
  Stored(StoredAction action, std::string_view id, std::string_view query)
      : action_(action), id_(id), query_(query) {
    answers_itself = true;
    needs.memos.push_back({.kind = gemini::Memo::Kind::kResponse, .key = id_});
  }

  Result<gemini::Call> lower(const ChosenModel&, const Findings& findings) override {
    Source source;
    Memory memory;
    const Memory::Response* found = memory.find(id_, findings, source);
    if (found == nullptr) {
      return fail(client_error(ErrorKind::kNotFound,
                               "Response with id '" + id_ +
                                   "' not found. Responses are kept for a while unless 'store' "
                                   "is false, and only for the token that made them."));
    }
    switch (action_) {
      case StoredAction::kGet:
        answer_ = found->response.raw();
        break;
      case StoredAction::kDelete:
        answer_ = R"({"id":)";
        json::append_string(answer_, id_);
        answer_ += R"(,"object":"response","deleted":true})";
        break;
      case StoredAction::kListInput:
        answer_ = list(*found);
        break;
    }
    return gemini::Call{};
  }

  std::unique_ptr<Encoder> encoder(const AnswerContext&) override {
    return std::make_unique<Ready>(answer_, action_ == StoredAction::kDelete ? id_ : std::string());
  }

 private:
  std::string list(const Memory::Response& found) const;
  std::vector<Listed> input_items(const Memory::Response& found) const;

  const StoredAction action_;
  const std::string id_;
  const std::string query_;
  std::string answer_;
};

// Those that clients have sent often have no id yet.
std::vector<Listed> Stored::input_items(const Memory::Response& found) const {
  const std::size_t output = found.response["output"].size();
  const std::size_t count = found.items.size() - std::min(found.items.size(), output);
  std::vector<Listed> items;
  for (const json::Value item : found.items) {
    if (items.size() == count) break;
    Listed listed{.id = std::string(item["id"].string_or("")), .json = std::string(item.raw())};
    if (listed.id.empty() && item.is_object()) {
      listed.id = "item_" + id_.substr(std::min<std::size_t>(id_.size(), 5)) + "_" +
                  std::to_string(items.size());
      std::string head = R"({"id":)";
      json::append_string(head, listed.id);
      if (item.size() != 0) head += ',';
      listed.json.replace(0, 1, head);
    }
    items.push_back(std::move(listed));
  }
  return items;
}

std::string Stored::list(const Memory::Response& found) const {
  std::vector<Listed> items = input_items(found);
  if (query_value(query_, "order") != "asc") std::ranges::reverse(items);
  const std::string_view after = query_value(query_, "after");
  const auto last_seen = std::ranges::find(items, after, &Listed::id);
  if (!after.empty() && last_seen != items.end()) items.erase(items.begin(), last_seen + 1);
  std::size_t limit = kDefaultLimit;
  const std::string_view wanted = query_value(query_, "limit");
  (void)std::from_chars(wanted.data(), wanted.data() + wanted.size(), limit);
  limit = std::clamp<std::size_t>(limit, 1, kMaxLimit);
  const bool more = items.size() > limit;
  if (more) items.resize(limit);

  std::string out = R"({"object":"list","data":[)";
  for (const Listed& item : items) {
    if (&item != items.data()) out += ',';
    out += item.json;
  }
  out += R"(],"first_id":)";
  json::append_string(out, items.empty() ? std::string_view() : items.front().id);
  out += R"(,"last_id":)";
  json::append_string(out, items.empty() ? std::string_view() : items.back().id);
  out += R"(,"has_more":)";
  out += more ? "true}" : "false}";
  return out;
}

}  // namespace

std::unique_ptr<Parsed> stored_response(StoredAction action, std::string_view id,
                                        std::string_view query) {
  return std::make_unique<Stored>(action, id, query);
}

}  // namespace wasat::dialect::openai_responses
