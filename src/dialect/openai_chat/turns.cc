#include "dialect/openai_chat/turns.h"

#include <algorithm>

#include "dialect/fields.h"

namespace wasat::dialect::openai_chat {
namespace {

// Pairing compares every call with every response of its step.
constexpr std::size_t kMaxCalls = 512;

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

class Planner {
 public:
  explicit Planner(const ChatRequest& request) : request_(request) {}

  Result<Plan> plan(bool continues) {
    for (const Message& message : request_.messages) {
      if (Result<> added = add(message); !added) return fail(added.error());
    }
    if (plan_.turns.empty()) use_system_as_user();
    if (Result<> paired = pair(); !paired) return fail(paired.error());
    close_ends(continues);
    mark_current();
    return std::move(plan_);
  }

 private:
  Result<> add(const Message& message);
  Result<> add_content(const Message& message, Item::Kind text_kind, std::vector<Item>* into);
  Result<> add_calls(const Message& message);
  void add_item(bool model, Item item);
  void use_system_as_user();
  Result<> pair();
  std::vector<Item> answer(const std::vector<Item>& calls, std::vector<Item> items);
  void close_ends(bool continues);
  void mark_current();

  const ChatRequest& request_;
  Plan plan_;
};

void Planner::add_item(bool model, Item item) {
  if (plan_.turns.empty() || plan_.turns.back().model != model) {
    plan_.turns.push_back({.model = model});
  }
  plan_.turns.back().items.push_back(item);
}

// Texts and parts of a message, one item each; empty texts are left out.
Result<> Planner::add_content(const Message& message, Item::Kind text_kind,
                              std::vector<Item>* into) {
  const bool model = message.role == Role::kAssistant;
  const auto put = [&](Item item) {
    if (into != nullptr) {
      into->push_back(item);
    } else {
      add_item(model, item);
    }
  };
  const auto put_text = [&](json::Value text, std::size_t part) {
    if (!text.escaped().empty()) {
      put({.kind = text_kind, .value = text, .message = &message, .part = part});
    }
  };
  if (message.content.is_string()) put_text(message.content, 0);
  if (!message.content.is_array()) return {};
  std::size_t index = 0;
  for (const json::Value part : message.content) {
    Item item{.kind = Item::Kind::kPart, .value = part, .message = &message, .part = index++};
    if (part.is_string()) {
      put_text(part, item.part);
      continue;
    }
    if (!part.is_object()) return fail(wrong_type(path_of(item), "an object", part));
    const std::string_view type = part["type"].string_or("");
    if (type == "text" || type == "input_text" || type == "output_text" || type == "refusal") {
      const std::string_view field = type == "refusal" ? "refusal" : "text";
      const json::Value text = part[field];
      if (!text.is_string()) {
        return fail(wrong_type(path_of(item) + "." + std::string(field), "a string", text));
      }
      put_text(text, item.part);
    } else if (type == "thinking" || type == "reasoning" || type == "redacted_thinking") {
      continue;  // a model that reads its thoughts as text starts to write them as text
    } else if (text_kind == Item::Kind::kReminder) {
      return fail(invalid("System messages can hold text only.", path_of(item)));
    } else {
      put(item);
    }
  }
  return {};
}

Result<> Planner::add_calls(const Message& message) {
  const std::string path = "messages[" + std::to_string(message.index) + "]";
  const auto add_call = [&](json::Value call, json::Value function, std::string where) -> Result<> {
    const json::Value name = function["name"];
    if (name.string_or("").empty()) {
      return fail(invalid("Missing required parameter: '" + where + ".name'.", where + ".name"));
    }
    const json::Value signature = call["extra_content"]["google"]["thought_signature"];
    add_item(true, {.kind = Item::Kind::kCall,
                    .value = function,
                    .message = &message,
                    .id = call["id"].string_or(""),
                    .name = name.string_or(""),
                    .signature = signature.escaped()});
    return {};
  };
  std::size_t index = 0;
  for (const json::Value call : message.tool_calls) {
    std::string where = path + ".tool_calls[" + std::to_string(index++) + "]";
    if (!call.is_object()) return fail(wrong_type(where, "an object", call));
    const std::string_view kind = call["custom"].is_object() ? "custom" : "function";
    const json::Value function = call[kind];
    where.append(".").append(kind);
    if (!function.is_object()) return fail(wrong_type(where, "an object", function));
    if (Result<> added = add_call(call, function, where); !added) return added;
  }
  if (message.function_call && message.tool_calls.size() == 0) {
    return add_call(message.function_call, message.function_call, path + ".function_call");
  }
  return {};
}

Result<> Planner::add(const Message& message) {
  switch (message.role) {
    case Role::kSystem:
      // What stands at the beginning instructs; later it has its place in the talk.
      return add_content(message, Item::Kind::kReminder,
                         plan_.turns.empty() ? &plan_.system : nullptr);
    case Role::kUser:
      return add_content(message, Item::Kind::kText, nullptr);
    case Role::kAssistant: {
      const std::size_t turns = plan_.turns.size();
      const bool merged = turns != 0 && plan_.turns.back().model;
      const std::size_t before = merged ? plan_.turns.back().items.size() : 0;
      if (Result<> added = add_content(message, Item::Kind::kText, nullptr); !added) return added;
      if (!message.content && message.refusal && !message.refusal.escaped().empty()) {
        add_item(true, {.value = message.refusal, .message = &message});
      }
      // A signature of a text belongs to its last part.
      if (message.signature && !plan_.turns.empty() && plan_.turns.back().model &&
          plan_.turns.back().items.size() > before) {
        plan_.turns.back().items.back().signature = message.signature.escaped();
      }
      return add_calls(message);
    }
    case Role::kTool:
      add_item(false, {.kind = Item::Kind::kResponse,
                       .value = message.content,
                       .message = &message,
                       .id = message.tool_call_id.string_or(""),
                       .name = message.name.string_or("")});
      break;
  }
  return {};
}

void Planner::use_system_as_user() {
  plan_.turns.push_back({.model = false});
  std::vector<Item>& items = plan_.turns.back().items;
  items.swap(plan_.system);
  for (Item& item : items) item.kind = Item::Kind::kText;
  if (items.empty()) items.push_back({.kind = Item::Kind::kSpace});
}

// Responses in the order of their calls, one for each, and then the rest.
std::vector<Item> Planner::answer(const std::vector<Item>& calls, std::vector<Item> items) {
  using Kind = Item::Kind;
  std::vector<Item> arranged;
  for (const Item& call : calls) {
    const auto waits = [](const Item& item) { return item.kind == Kind::kResponse; };
    auto found = std::ranges::find_if(items, [&](const Item& item) {
      return waits(item) && !item.id.empty() && item.id == call.id;
    });
    if (found == items.end()) {  // legacy functions have no ids
      found = std::ranges::find_if(items, [&](const Item& item) {
        return waits(item) && (item.id.empty() || call.id.empty()) &&
               (item.name.empty() || item.name == call.name);
      });
    }
    if (found == items.end()) {
      arranged.push_back({.kind = Kind::kNoResponse, .id = call.id, .name = call.name});
      continue;
    }
    Item response = *found;
    response.id = call.id;
    response.name = call.name;
    arranged.push_back(response);
    items.erase(found);
  }
  for (Item& item : items) {
    if (item.kind == Kind::kResponse) item.kind = Kind::kOrphan;
    arranged.push_back(item);
  }
  return arranged;
}

Result<> Planner::pair() {
  std::vector<Item> calls;
  for (std::size_t i = 0; i < plan_.turns.size(); ++i) {
    if (!plan_.turns[i].model) {
      plan_.turns[i].items = answer(calls, std::move(plan_.turns[i].items));
      calls.clear();
      continue;
    }
    for (const Item& item : plan_.turns[i].items) {
      if (item.kind == Item::Kind::kCall) calls.push_back(item);
    }
    if (calls.size() > kMaxCalls) return fail(invalid("Too many tool calls in a row.", "messages"));
    if (!calls.empty() && i + 1 == plan_.turns.size()) plan_.turns.push_back({.model = false});
  }
  return {};
}

void Planner::close_ends(bool continues) {
  const auto has_call = [](const Turn& turn) {
    return std::ranges::any_of(turn.items,
                               [](const Item& item) { return item.kind == Item::Kind::kCall; });
  };
  if (plan_.turns.front().model && has_call(plan_.turns.front())) {
    plan_.turns.insert(plan_.turns.begin(),
                       Turn{.model = false, .items = {{.kind = Item::Kind::kSpace}}});
  }
  if (continues && plan_.turns.back().model) {
    plan_.turns.push_back({.model = false, .items = {{.kind = Item::Kind::kContinue}}});
  }
}

// The current turn, in the sense of thought signatures, is what came since the
// user last spoke.
void Planner::mark_current() {
  const auto answers = [](const Item& item) {
    return item.kind == Item::Kind::kResponse || item.kind == Item::Kind::kNoResponse;
  };
  const auto speaks = [](const Item& item) {
    return item.kind == Item::Kind::kText || item.kind == Item::Kind::kPart;
  };
  for (auto turn = plan_.turns.rbegin(); turn != plan_.turns.rend(); ++turn) {
    if (!turn->model && std::ranges::any_of(turn->items, speaks) &&
        std::ranges::none_of(turn->items, answers)) {
      return;
    }
    turn->current = true;
  }
}

}  // namespace

std::string path_of(const Item& item) {
  if (item.message == nullptr) return {};
  std::string path = "messages[" + std::to_string(item.message->index) + "].content";
  if (item.message->content.is_array()) path += "[" + std::to_string(item.part) + "]";
  return path;
}

Result<Plan> plan_turns(const ChatRequest& request, bool continues) {
  return Planner(request).plan(continues);
}

}  // namespace wasat::dialect::openai_chat
