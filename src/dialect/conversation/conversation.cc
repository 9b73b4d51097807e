#include "dialect/conversation/conversation.h"

#include <algorithm>
#include <set>
#include <utility>

namespace wasat::dialect {
namespace {

using Kind = Item::Kind;

// Pairing compares the calls of a step with its responses.
constexpr std::size_t kMaxCalls = 512;
constexpr std::size_t kMaxComparisons = 1u << 20;

bool has_call(const Turn& turn) {
  return std::ranges::any_of(turn.items, [](const Item& item) { return item.kind == Kind::kCall; });
}

// The response to `call` that is not taken yet; by name only when one of both has no
// id (legacy functions).
std::vector<Item>::iterator find_response(const PastCall& call, std::vector<Item>& items) {
  const auto by_id = [&call](const Item& item) {
    return item.kind == Kind::kResponse && item.result != nullptr && !item.result->id.empty() &&
           item.result->id == call.id;
  };
  const auto by_name = [&call](const Item& item) {
    return item.kind == Kind::kResponse && item.result != nullptr &&
           (item.result->id.empty() || call.id.empty()) &&
           (item.result->name.empty() || item.result->name == call.name);
  };
  const auto found = std::ranges::find_if(items, by_id);
  return found != items.end() ? found : std::ranges::find_if(items, by_name);
}

// Responses in the order of their calls, one for each, and then the rest.
std::vector<Item> answered(const std::vector<const PastCall*>& calls, std::vector<Item> items) {
  std::vector<Item> arranged;
  arranged.reserve(items.size());
  for (const PastCall* call : calls) {
    const auto found = find_response(*call, items);
    if (found == items.end()) {
      arranged.push_back({.kind = Kind::kNoResponse, .call = call});
    } else {
      arranged.push_back(
          {.kind = Kind::kResponse, .call = call, .result = std::exchange(found->result, nullptr)});
    }
  }
  for (Item& item : items) {
    if (item.kind == Kind::kResponse) {
      if (item.result == nullptr) continue;  // taken
      item.kind = Kind::kOrphan;
    }
    arranged.push_back(item);
  }
  return arranged;
}

}  // namespace

void Conversation::add(bool model, Item item) {
  if (turns_.empty() || turns_.back().model != model) {
    place_waiting_signature();
    turns_.push_back({.model = model});
  }
  turns_.back().items.push_back(item);
}

Item* Conversation::last_text() {
  if (turns_.empty() || !turns_.back().model) return nullptr;
  std::vector<Item>& items = turns_.back().items;
  const auto found = std::find_if(items.rbegin(), items.rend(),
                                  [](const Item& item) { return item.kind == Kind::kText; });
  return found == items.rend() ? nullptr : &*found;
}

// No call took it.
void Conversation::place_waiting_signature() {
  const std::string_view signature = std::exchange(waiting_signature_, {});
  if (signature.empty()) return;
  if (Item* text = last_text(); text != nullptr && text->signature.empty()) {
    text->signature = signature;
  }
}

void Conversation::system_text(std::string_view escaped) {
  if (escaped.empty()) return;
  // What stands at the beginning instructs; later it has its place in the talk.
  if (turns_.empty()) {
    system_.push_back({.text = escaped});
  } else {
    add(false, {.kind = Kind::kReminder, .text = escaped});
  }
}

void Conversation::user_text(std::string_view escaped) {
  if (!escaped.empty()) add(false, {.text = escaped});
}

void Conversation::user_media(Media media) {
  add(false, {.kind = Kind::kMedia, .media = &media_.emplace_back(std::move(media))});
}

void Conversation::model_text(std::string_view escaped, std::string_view signature) {
  if (escaped.empty()) {
    if (!signature.empty()) model_signature(signature);
    return;
  }
  if (last_text() != nullptr) place_waiting_signature();
  add(true, {.text = escaped, .signature = signature});
}

void Conversation::model_signature(std::string_view signature) {
  if (last_text() != nullptr) place_waiting_signature();
  waiting_signature_ = signature;
}

void Conversation::model_media(Media media) {
  add(true, {.kind = Kind::kMedia, .media = &media_.emplace_back(std::move(media))});
}

void Conversation::model_call(PastCall call) {
  if (call.signature.empty()) call.signature = std::exchange(waiting_signature_, {});
  const PastCall& kept = calls_.emplace_back(call);
  add(true, {.kind = Kind::kCall, .call = &kept});
}

void Conversation::tool_result(ToolResult result) {
  add(false, {.kind = Kind::kResponse, .result = &results_.emplace_back(std::move(result))});
}

Result<> Conversation::arrange() {
  place_waiting_signature();
  if (turns_.empty()) use_system_as_user();
  if (Result<> paired = pair_turns(); !paired) return paired;
  open_with_user();
  mark_current();
  return {};
}

void Conversation::use_system_as_user() {
  turns_.push_back({.model = false, .items = std::exchange(system_, {})});
  if (turns_.back().items.empty()) turns_.back().items.push_back({.kind = Kind::kSpace});
}

Result<> Conversation::pair_turns() {
  std::vector<const PastCall*> calls;
  for (std::size_t i = 0; i < turns_.size(); ++i) {
    if (!turns_[i].model) {
      if (calls.size() * turns_[i].items.size() > kMaxComparisons) {
        return fail(client_error(ErrorKind::kInvalidRequest, "Too many tool results in a row.",
                                 "messages"));
      }
      turns_[i].items = answered(calls, std::move(turns_[i].items));
      calls.clear();
      continue;
    }
    for (const Item& item : turns_[i].items) {
      if (item.kind == Kind::kCall) calls.push_back(item.call);
    }
    if (calls.size() > kMaxCalls) {
      return fail(
          client_error(ErrorKind::kInvalidRequest, "Too many tool calls in a row.", "messages"));
    }
    if (!calls.empty() && i + 1 == turns_.size()) turns_.push_back({.model = false});
  }
  return {};
}

// Gemini refuses a conversation that begins with a function call.
void Conversation::open_with_user() {
  if (!turns_.front().model || !has_call(turns_.front())) return;
  turns_.insert(turns_.begin(), Turn{.model = false, .items = {{.kind = Kind::kSpace}}});
}

// The current turn, in the sense of thought signatures, is what came since the
// user last spoke.
void Conversation::mark_current() {
  const auto answers = [](const Item& item) {
    return item.kind == Kind::kResponse || item.kind == Kind::kNoResponse;
  };
  const auto speaks = [](const Item& item) {
    return item.kind == Kind::kText || item.kind == Kind::kMedia;
  };
  for (auto turn = turns_.rbegin(); turn != turns_.rend(); ++turn) {
    if (!turn->model && std::ranges::any_of(turn->items, speaks) &&
        std::ranges::none_of(turn->items, answers)) {
      return;
    }
    turn->current = true;
  }
}

void Conversation::add_needs(Needs& needs) const {
  std::set<std::string_view> urls(needs.urls.begin(), needs.urls.end());
  const auto add_url = [&](const Media& media) {
    if (media.kind == Media::Kind::kFetch && urls.insert(media.url).second) {
      needs.urls.push_back(media.url);
    }
  };
  for (const Media& media : media_) add_url(media);
  for (const ToolResult& result : results_) std::ranges::for_each(result.media, add_url);
  // Gemini signs the first call of a step alone.
  for (const Turn& turn : turns_) {
    if (!turn.model || !turn.current) continue;
    const auto first = std::ranges::find(turn.items, Kind::kCall, &Item::kind);
    if (first == turn.items.end()) continue;
    const PastCall& call = *first->call;
    if (call.id.empty() || !call.signature.empty()) continue;
    needs.memos.push_back({.kind = gemini::Memo::Kind::kSignature, .key = std::string(call.id)});
  }
}

}  // namespace wasat::dialect
