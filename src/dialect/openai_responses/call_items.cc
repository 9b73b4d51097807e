#include "dialect/openai_responses/call_items.h"

#include <string_view>

#include "dialect/openai_responses/client_call.h"
#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

// How an item is called that carries one string.
struct CallNames {
  std::string_view id_prefix;
  std::string_view type;
  std::string_view member;  // of the string
  bool member_first;        // before the call's id and name
  std::string_view delta;   // the events of the string
  std::string_view done;
};

constexpr CallNames kFunctionCall = {
    .id_prefix = "fc",
    .type = "function_call",
    .member = "arguments",
    .member_first = true,
    .delta = "response.function_call_arguments.delta",
    .done = "response.function_call_arguments.done",
};
constexpr CallNames kCustomCall = {
    .id_prefix = "ctc",
    .type = "custom_tool_call",
    .member = "input",
    .member_first = false,
    .delta = "response.custom_tool_call_input.delta",
    .done = "response.custom_tool_call_input.done",
};
constexpr std::string_view kDiffDelta = "response.apply_patch_call_operation_diff.delta";
constexpr std::string_view kDiffDone = "response.apply_patch_call_operation_diff.done";

// The beginning of every call's item, up to what is its own.
std::string head_of(std::string_view id, std::string_view type, std::string_view status) {
  std::string head = R"({"id":")";
  head += id;
  head += R"(","type":")";
  head += type;
  head += R"(","status":")";
  head += status;
  head += '"';
  return head;
}

void append_call_id(std::string& item, const GivenCall& call) {
  item += R"(,"call_id":")";
  item += call.id;
  item += '"';
}

std::string write_call(const CallNames& names, const GivenCall& call, std::string_view id,
                       std::string_view status, std::string_view value) {
  std::string item = head_of(id, names.type, status);
  const auto append_value = [&] {
    item += ",\"";
    item += names.member;
    item += "\":\"";
    item += value;
    item += '"';
  };
  if (names.member_first) append_value();
  append_call_id(item, call);
  item += R"(,"name":)";
  json::append_string(item, call.name);
  if (!names.member_first) append_value();
  if (!call.space.empty()) {
    item += R"(,"namespace":)";
    json::append_string(item, call.space);
  }
  item += '}';
  return item;
}

void give_named_call(const CallNames& names, const GivenCall& call, Items& items,
                     std::string& out) {
  const std::string id = items.next_id(names.id_prefix);
  if (items.streamed()) {
    Events& events = items.events();
    items.begin(write_call(names, call, id, "in_progress", {}), out);
    events.string(out, names.delta, id, items.index(), "delta", call.arguments);
    events.string(out, names.done, id, items.index(), names.member, call.arguments);
  }
  items.add(write_call(names, call, id, "completed", call.arguments), out);
}

std::string write_client_call(ClientTool tool, const GivenCall& call, std::string_view id,
                              std::string_view status, std::string_view action) {
  std::string item = head_of(id, std::string(name_of(tool)) + "_call", status);
  append_call_id(item, call);
  item += ',';
  item += action;
  item += '}';
  return item;
}

void give_client_call(ClientTool tool, const GivenCall& call, Items& items, std::string& out) {
  const ClientCall read = read_client_call(tool, call.raw);
  const std::string id = items.next_id(read.id_prefix);
  if (items.streamed()) {
    Events& events = items.events();
    const bool patch = tool == ClientTool::kApplyPatch;
    const std::string& action = patch ? read.without_diff : read.action;
    items.begin(write_client_call(tool, call, id, "in_progress", action), out);
    if (patch && !read.diff.empty()) {
      events.string(out, kDiffDelta, id, items.index(), "delta", read.diff);
      events.string(out, kDiffDone, id, items.index(), "diff", read.diff);
    }
  }
  items.add(write_client_call(tool, call, id, "completed", read.action), out);
}

}  // namespace

void give_call_item(const GivenCall& call, ClientTools offered, Items& items, std::string& out) {
  if (call.custom) {
    give_named_call(kCustomCall, call, items, out);
    return;
  }
  const ClientTool tool = call.space.empty() ? client_tool(call.name) : ClientTool::kNone;
  if (offered.has(tool)) {
    give_client_call(tool, call, items, out);
  } else {
    give_named_call(kFunctionCall, call, items, out);
  }
}

}  // namespace wasat::dialect::openai_responses
