#include "dialect/openai_responses/answer_encoder.h"

#include <utility>

#include "dialect/conversation/usage.h"
#include "dialect/openai_chat/logprobs.h"
#include "dialect/openai_errors.h"
#include "dialect/openai_responses/carrier.h"
#include "dialect/openai_responses/client_call.h"
#include "dialect/openai_responses/memory.h"
#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

// ResponseError.code in OpenAI's API, and what Codex knows beside it.
std::string_view failure_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kRateLimited:
      return "rate_limit_exceeded";
    case ErrorKind::kQuotaExhausted:
      return "insufficient_quota";
    case ErrorKind::kContextTooLong:
      return "context_length_exceeded";
    case ErrorKind::kInvalidRequest:
    case ErrorKind::kUnsupported:
    case ErrorKind::kContentBlocked:
      return "invalid_prompt";
    default:
      return "server_error";
  }
}

// Characters of a string, as clients count them.
std::int64_t count_characters(std::string_view escaped) {
  std::int64_t count = 0;
  for (std::size_t i = 0; i < escaped.size(); ++i) {
    const auto byte = static_cast<unsigned char>(escaped[i]);
    if ((byte & 0xc0) == 0x80) continue;
    ++count;
    if (byte != '\\') continue;
    ++i;
    if (i >= escaped.size() || escaped[i] != 'u') continue;
    // The second half of a surrogate pair is no character of its own.
    const char third = i + 2 < escaped.size() ? escaped[i + 2] : '0';
    const bool second_half = (escaped[i + 1] == 'd' || escaped[i + 1] == 'D') &&
                             ((third >= 'c' && third <= 'f') || (third >= 'C' && third <= 'F'));
    if (second_half) --count;
    i += 4;
  }
  return count;
}

void append_usage(std::string& out, const gemini::Usage& usage) {
  const CountedTokens tokens = counted(usage);
  json::Writer writer(out);
  writer.begin_object();
  writer.member("input_tokens", tokens.input);
  writer.key("input_tokens_details").begin_object();
  writer.member("cached_tokens", tokens.cached).end_object();
  writer.member("output_tokens", tokens.output);
  writer.key("output_tokens_details").begin_object();
  writer.member("reasoning_tokens", tokens.thoughts).end_object();
  writer.member("total_tokens", tokens.input + tokens.output);
  writer.end_object();
}

std::string image_format(std::string_view mime_type) {
  constexpr std::string_view kImage = "image/";
  return std::string(mime_type.substr(std::min(kImage.size(), mime_type.size())));
}

}  // namespace

AnswerEncoder::AnswerEncoder(ResponsesShape shape, bool streamed)
    : AnswerReader(shape.answer), form_(std::move(shape)), events_(streamed) {}

std::string_view AnswerEncoder::content_type() const {
  return events_.streamed() ? "text/event-stream" : "application/json";
}

std::string AnswerEncoder::next_id(std::string_view prefix) {
  std::string id(prefix);
  id += '_';
  id += shape().context.id;
  Events::append_number(id, ids_++);
  return id;
}

void AnswerEncoder::start(std::string& out) {
  if (std::exchange(started_, true) || !events_.streamed()) return;
  for (const std::string_view type : {"response.created", "response.in_progress"}) {
    events_.begin(out, type);
    out += R"(,"response":)";
    append_response(out, "in_progress", "null", "null", nullptr);
    events_.end(out);
  }
}

void AnswerEncoder::add_item(std::string_view item, std::string& out) {
  events_.item(out, "response.output_item.done", items_, item);
  if (!output_.empty()) output_ += ',';
  output_ += item;
  ++items_;
  id_.clear();
  open_ = Open::kNothing;
}

void AnswerEncoder::settle(std::string_view signature, std::string& out) {
  start(out);
  switch (open_) {
    case Open::kNothing:
      break;
    case Open::kReasoning:
      close_reasoning(std::exchange(signature, {}), out);
      return;
    case Open::kMessage:
      close_message("completed", out);
      break;
    case Open::kCode:
      close_code({}, out);
      break;
  }
  if (!signature.empty()) add_carrier(signature, false, out);
}

void AnswerEncoder::add_carrier(std::string_view signature, bool behind, std::string& out) {
  const std::string id = next_id("rs");
  const std::string head = R"({"id":")" + id + R"(","type":"reasoning","summary":[])";
  events_.item(out, "response.output_item.added", items_, head + "}");
  add_item(head + R"(,"encrypted_content":")" +
               write_carrier(signature, shape().upstream_model, behind) + "\"}",
           out);
}

// Reasoning.

void AnswerEncoder::open_reasoning(std::string& out) {
  settle({}, out);
  open_ = Open::kReasoning;
  id_ = next_id("rs");
  text_.clear();
  if (!events_.streamed()) return;
  events_.item(out, "response.output_item.added", items_,
               R"({"id":")" + id_ + R"(","type":"reasoning","summary":[]})");
  events_.begin(out, "response.reasoning_summary_part.added");
  Events::append_place(out, id_, items_);
  out += R"(,"summary_index":0,"part":{"type":"summary_text","text":""})";
  events_.end(out);
  delta_head_.clear();
  events_.begin(delta_head_, "response.reasoning_summary_text.delta");
  Events::append_place(delta_head_, id_, items_);
  delta_head_ += R"(,"summary_index":0,"delta":")";
}

void AnswerEncoder::give_thought(std::string_view escaped, std::string_view, std::string& out) {
  if (open_ != Open::kReasoning) open_reasoning(out);
  text_ += escaped;
  if (!events_.streamed()) return;
  out += delta_head_;
  out += escaped;
  out += '"';
  events_.end(out);
}

void AnswerEncoder::close_reasoning(std::string_view signature, std::string& out) {
  if (events_.streamed()) {
    events_.begin(out, "response.reasoning_summary_text.done");
    Events::append_place(out, id_, items_);
    out += R"(,"summary_index":0,"text":")";
    out += text_;
    out += '"';
    events_.end(out);
    events_.begin(out, "response.reasoning_summary_part.done");
    Events::append_place(out, id_, items_);
    out += R"(,"summary_index":0,"part":{"type":"summary_text","text":")";
    out += text_;
    out += "\"}";
    events_.end(out);
  }
  std::string item =
      R"({"id":")" + id_ + R"(","type":"reasoning","summary":[{"type":"summary_text","text":")";
  item += text_;
  item += "\"}]";
  // Clients that keep no state at the server want one in every reasoning item, even an empty one.
  item += R"(,"encrypted_content":")";
  item += write_carrier(signature, shape().upstream_model, false);
  item += "\"}";
  add_item(item, out);
  unsigned_end_ = signature.empty() ? output_.size() : 0;
}

// Messages.

void AnswerEncoder::open_message(std::string_view signature, std::string& out) {
  settle(signature, out);
  open_ = Open::kMessage;
  id_ = next_id("msg");
  text_.clear();
  logprobs_.clear();
  annotations_.clear();
  signature_.clear();
  if (!events_.streamed()) return;
  events_.item(out, "response.output_item.added", items_,
               R"({"id":")" + id_ +
                   R"(","type":"message","status":"in_progress","role":"assistant","content":[]})");
  events_.begin(out, "response.content_part.added");
  Events::append_place(out, id_, items_);
  out +=
      R"(,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]})";
  events_.end(out);
  delta_head_.clear();
  events_.begin(delta_head_, "response.output_text.delta");
  Events::append_place(delta_head_, id_, items_);
  delta_head_ += R"(,"content_index":0,"delta":")";
}

void AnswerEncoder::give_text(Pieces pieces, std::string_view signature, std::string& out) {
  if (pieces.size() == 0) {
    // A signature alone belongs to the text before it.
    if (open_ == Open::kMessage) {
      signature_ = signature;
    } else if (!signature.empty()) {
      settle({}, out);
      add_carrier(signature, true, out);
    }
    return;
  }
  if (open_ != Open::kMessage) {
    open_message(signature, out);
  } else if (!signature.empty()) {
    signature_ = signature;
  }
  for (const std::string_view piece : pieces) text_ += piece;
  if (events_.streamed()) {
    out += delta_head_;
    for (const std::string_view piece : pieces) out += piece;
    out += R"(","logprobs":[)";
    out += new_logprobs_;
    out += ']';
    events_.end(out);
  }
  if (new_logprobs_.empty()) return;
  if (!logprobs_.empty()) logprobs_ += ',';
  logprobs_ += new_logprobs_;
  new_logprobs_.clear();
}

void AnswerEncoder::give_logprobs(json::Value result, std::string&) {
  openai_chat::append_logprobs(new_logprobs_, result);
}

void AnswerEncoder::append_text_part(std::string& to) const {
  to += R"({"type":"output_text","text":")";
  to += text_;
  to += R"(","annotations":[)";
  to += annotations_;
  to += R"(],"logprobs":[)";
  to += logprobs_;
  to += "]}";
}

// What is not streamed can still be put in front of its message.
void AnswerEncoder::sign_message(std::string& out) {
  if (signature_.empty() || events_.streamed()) return;
  if (unsigned_end_ != 0 && unsigned_end_ == output_.size()) {
    const std::size_t empty = write_carrier({}, shape().upstream_model, false).size();
    output_.replace(unsigned_end_ - empty - 2, empty,
                    write_carrier(signature_, shape().upstream_model, false));
  } else {
    const std::string id = id_;
    add_carrier(signature_, false, out);
    id_ = id;
    open_ = Open::kMessage;
  }
  signature_.clear();
}

void AnswerEncoder::close_message(std::string_view status, std::string& out) {
  sign_message(out);
  add_annotations(out);
  std::string part;
  part.reserve(text_.size() + annotations_.size() + logprobs_.size() + 128);
  append_text_part(part);
  if (events_.streamed()) {
    out.reserve(out.size() + 5 * text_.size() + 2048);
    events_.begin(out, "response.output_text.done");
    Events::append_place(out, id_, items_);
    out += R"(,"content_index":0,"text":")";
    out += text_;
    out += R"(","logprobs":[)";
    out += logprobs_;
    out += ']';
    events_.end(out);
    events_.begin(out, "response.content_part.done");
    Events::append_place(out, id_, items_);
    out += R"(,"content_index":0,"part":)";
    out += part;
    events_.end(out);
  }
  std::string item;
  item.reserve(part.size() + 160);
  item += R"({"id":")";
  item += id_;
  item += R"(","type":"message","status":")";
  item += status;
  item += R"(","role":"assistant","content":[)";
  item += part;
  item += "]}";
  add_item(item, out);
  if (shape().annotations) characters_ += count_characters(text_);
  if (!signature_.empty()) add_carrier(std::exchange(signature_, {}), true, out);
}

// Calls.

void AnswerEncoder::give_call(const GivenCall& call, std::string& out) {
  settle(call.signature, out);
  if (call.custom) {
    give_custom_call(call, out);
  } else if (!give_client_call(call, out)) {
    give_function_call(call, out);
  }
}

void AnswerEncoder::give_function_call(const GivenCall& call, std::string& out) {
  const std::string id = next_id("fc");
  const auto item = [&](std::string_view status, std::string_view arguments) {
    std::string text = R"({"id":")" + id + R"(","type":"function_call","status":")";
    text += status;
    text += R"(","arguments":")";
    text += arguments;
    text += R"(","call_id":")";
    text += call.id;
    text += R"(","name":)";
    json::append_string(text, call.name);
    if (!call.space.empty()) {
      text += R"(,"namespace":)";
      json::append_string(text, call.space);
    }
    text += '}';
    return text;
  };
  if (events_.streamed()) {
    events_.item(out, "response.output_item.added", items_, item("in_progress", {}));
    events_.string(out, "response.function_call_arguments.delta", id, items_, "delta",
                   call.arguments);
    events_.string(out, "response.function_call_arguments.done", id, items_, "arguments",
                   call.arguments);
  }
  add_item(item("completed", call.arguments), out);
}

void AnswerEncoder::give_custom_call(const GivenCall& call, std::string& out) {
  const std::string id = next_id("ctc");
  const auto item = [&](std::string_view status, std::string_view input) {
    std::string text = R"({"id":")" + id + R"(","type":"custom_tool_call","status":")";
    text += status;
    text += R"(","call_id":")";
    text += call.id;
    text += R"(","name":)";
    json::append_string(text, call.name);
    text += R"(,"input":")";
    text += input;
    text += '"';
    if (!call.space.empty()) {
      text += R"(,"namespace":)";
      json::append_string(text, call.space);
    }
    text += '}';
    return text;
  };
  if (events_.streamed()) {
    events_.item(out, "response.output_item.added", items_, item("in_progress", {}));
    events_.string(out, "response.custom_tool_call_input.delta", id, items_, "delta",
                   call.arguments);
    events_.string(out, "response.custom_tool_call_input.done", id, items_, "input",
                   call.arguments);
  }
  add_item(item("completed", call.arguments), out);
}

// false: it is a function of the client's own.
bool AnswerEncoder::give_client_call(const GivenCall& call, std::string& out) {
  const ClientTool tool = call.space.empty() ? client_tool(call.name) : ClientTool::kNone;
  if (!form_.client.has(tool)) return false;
  const ClientCall read = read_client_call(tool, call.raw);
  const std::string id = next_id(read.id_prefix);
  const auto item = [&](std::string_view status, std::string_view action) {
    std::string text = R"({"id":")" + id + R"(","type":")";
    text += name_of(tool);
    text += R"(_call","status":")";
    text += status;
    text += R"(","call_id":")";
    text += call.id;
    text += "\",";
    text += action;
    text += '}';
    return text;
  };
  const bool patch = tool == ClientTool::kApplyPatch;
  if (events_.streamed()) {
    events_.item(out, "response.output_item.added", items_,
                 item("in_progress", patch ? read.without_diff : read.action));
    if (patch && !read.diff.empty()) {
      events_.string(out, "response.apply_patch_call_operation_diff.delta", id, items_, "delta",
                     read.diff);
      events_.string(out, "response.apply_patch_call_operation_diff.done", id, items_, "diff",
                     read.diff);
    }
  }
  add_item(item("completed", read.action), out);
  return true;
}

// Images, code, searches.

void AnswerEncoder::give_media(json::Value part, std::string_view signature, std::string& out) {
  const json::Value data = part["inlineData"];
  const std::string_view type = data["mimeType"].escaped();
  const std::string_view base64 = data["data"].escaped();
  if (!type.starts_with("image/") || base64.empty()) {
    AnswerReader::give_media(part, signature, out);
    return;
  }
  settle(signature, out);
  const std::string id = next_id("ig");
  const std::string head = R"({"id":")" + id + R"(","type":"image_generation_call","status":")";
  if (events_.streamed()) {
    events_.item(out, "response.output_item.added", items_,
                 head + R"(in_progress","result":null})");
    events_.plain(out, "response.image_generation_call.in_progress", id, items_);
    events_.plain(out, "response.image_generation_call.generating", id, items_);
    events_.plain(out, "response.image_generation_call.completed", id, items_);
  }
  std::string item;
  item.reserve(base64.size() + 256);
  item += head;
  item += R"(completed","output_format":")";
  item += image_format(type);
  item += R"(","result":")";
  item += base64;
  item += "\"}";
  add_item(item, out);
}

void AnswerEncoder::give_code(json::Value part, std::string& out) {
  if (const json::Value code = part["executableCode"]) {
    settle({}, out);
    open_code(code["code"].escaped(), out);
  } else if (open_ == Open::kCode) {
    close_code(part["codeExecutionResult"]["output"].escaped(), out);
  } else {
    AnswerReader::give_code(part, out);
  }
}

void AnswerEncoder::open_code(std::string_view code, std::string& out) {
  open_ = Open::kCode;
  id_ = next_id("ci");
  text_ = code;
  if (!events_.streamed()) return;
  std::string item = R"({"id":")" + id_;
  item +=
      R"(","type":"code_interpreter_call","status":"in_progress","code":"","container_id":"cntr_)";
  item += shape().context.id;
  item += R"(","outputs":[]})";
  events_.item(out, "response.output_item.added", items_, item);
  events_.plain(out, "response.code_interpreter_call.in_progress", id_, items_);
  events_.string(out, "response.code_interpreter_call_code.delta", id_, items_, "delta", text_);
  events_.string(out, "response.code_interpreter_call_code.done", id_, items_, "code", text_);
  events_.plain(out, "response.code_interpreter_call.interpreting", id_, items_);
}

void AnswerEncoder::close_code(std::string_view logs, std::string& out) {
  events_.plain(out, "response.code_interpreter_call.completed", id_, items_);
  std::string item = R"({"id":")" + id_;
  item += R"(","type":"code_interpreter_call","status":"completed","code":")";
  item += text_;
  item += R"(","container_id":"cntr_)";
  item += shape().context.id;
  item += R"(","outputs":[)";
  if (!logs.empty()) {
    item += R"({"type":"logs","logs":")";
    item += logs;
    item += "\"}";
  }
  item += "]}";
  add_item(item, out);
}

void AnswerEncoder::give_grounding(json::Value grounding, std::string&) {
  pages_.clear();
  for (const Citation& citation : read_citations(grounding, positions())) {
    pages_.push_back({.start = citation.start,
                      .end = citation.end,
                      .url = std::string(citation.url),
                      .title = std::string(citation.title)});
  }
  const auto add = [](std::string& list, std::string_view before, std::string_view escaped,
                      std::string_view after) {
    if (!list.empty()) list += ',';
    list += before;
    list += escaped;
    list += after;
  };
  queries_.clear();
  sources_.clear();
  for (const json::Value query : grounding["webSearchQueries"]) {
    if (!query.is_string()) continue;
    if (queries_.empty()) first_query_ = query.escaped();
    add(queries_, "\"", query.escaped(), "\"");
  }
  for (const json::Value chunk : grounding["groundingChunks"]) {
    const json::Value url = chunk["web"]["uri"];
    if (url.is_string()) add(sources_, R"({"type":"url","url":")", url.escaped(), "\"}");
  }
  searched_ = !queries_.empty() || !sources_.empty();
}

void AnswerEncoder::add_annotations(std::string& out) {
  if (pages_.empty()) return;
  const std::int64_t length = count_characters(text_);
  std::size_t index = 0;
  for (const Page& page : pages_) {
    const std::int64_t start = page.start - characters_;
    const std::int64_t end = page.end - characters_;
    if (start < 0 || end > length) continue;  // of another message
    std::string annotation;
    json::Writer writer(annotation);
    writer.begin_object().member("type", "url_citation");
    writer.member("start_index", start).member("end_index", end);
    writer.key("url").escaped_string(page.url).key("title").escaped_string(page.title);
    writer.end_object();
    if (events_.streamed()) {
      events_.begin(out, "response.output_text.annotation.added");
      Events::append_place(out, id_, items_);
      out += R"(,"content_index":0,"annotation_index":)";
      Events::append_number(out, index);
      out += R"(,"annotation":)";
      out += annotation;
      events_.end(out);
    }
    if (index++ != 0) annotations_ += ',';
    annotations_ += annotation;
  }
}

void AnswerEncoder::give_search(std::string& out) {
  if (!std::exchange(searched_, false)) return;
  const std::string id = next_id("ws");
  const std::string head = R"({"id":")" + id + R"(","type":"web_search_call","status":")";
  std::string action =
      R"("action":{"type":"search","query":")" + first_query_ + R"(","queries":[)" + queries_ + "]";
  if (form_.sources) action += R"(,"sources":[)" + sources_ + "]";
  action += '}';
  events_.item(out, "response.output_item.added", items_, head + "in_progress\"," + action + "}");
  events_.plain(out, "response.web_search_call.in_progress", id, items_);
  events_.plain(out, "response.web_search_call.searching", id, items_);
  events_.plain(out, "response.web_search_call.completed", id, items_);
  const Open open = open_;
  std::string open_id = id_;
  add_item(head + "completed\"," + action + "}", out);
  open_ = open;
  id_ = std::move(open_id);
}

// The end.

void AnswerEncoder::append_response(std::string& out, std::string_view status,
                                    std::string_view error, std::string_view incomplete,
                                    const gemini::Usage* usage) const {
  out += '{';
  out += form_.members;
  out += R"(,"status":")";
  out += status;
  out += R"(","error":)";
  out += error;
  out += R"(,"incomplete_details":)";
  out += incomplete;
  out += R"(,"output":[)";
  out += output_;
  out += R"(],"usage":)";
  if (usage == nullptr) {
    out += "null";
  } else {
    append_usage(out, *usage);
  }
  out += '}';
}

Result<> AnswerEncoder::finish(gemini::Tally& tally, std::string& out) {
  Ending end = ending(tally, events_.streamed());
  if (end.kind == Ending::Kind::kFailed) return fail(std::move(end.error));
  if (end.kind == Ending::Kind::kExplained && !finish_message().empty()) {
    give_text({finish_message()}, {}, out);
  }
  const bool cut = end.reason == EndReason::kLength || end.reason == EndReason::kFiltered;
  const std::string_view status = cut ? "incomplete" : "completed";
  start(out);
  if (open_ == Open::kMessage) {
    if (!events_.streamed()) give_search(out);  // it came before the text, and can stand there
    close_message(status, out);
  } else {
    settle({}, out);
  }
  give_search(out);

  const std::string_view incomplete = !cut ? "null"
                                      : end.reason == EndReason::kLength
                                          ? R"({"reason":"max_output_tokens"})"
                                          : R"({"reason":"content_filter"})";
  out.reserve(out.size() + output_.size() + form_.members.size() + 512);
  if (events_.streamed()) {
    events_.begin(out, cut ? "response.incomplete" : "response.completed");
    out += R"(,"response":)";
  }
  const std::size_t begin = out.size();
  append_response(out, status, "null", incomplete, &tally.usage);
  if (form_.store) remember(std::string_view(out).substr(begin), tally);
  if (events_.streamed()) events_.end(out);
  return {};
}

void AnswerEncoder::remember(std::string_view response, gemini::Tally& tally) {
  std::string items = std::move(form_.history);
  if (items.size() + output_.size() > kMaxRemembered) return;
  if (!items.empty() && !output_.empty()) items += ',';
  items += output_;
  tally.memos.push_back({.kind = gemini::Memo::Kind::kResponse,
                         .key = "resp_" + shape().context.id,
                         .value = written_memo(response, items)});
}

// Codex reads code and message, and waits as long as the message says.
void AnswerEncoder::error(const Error& error, std::string& out) {
  start(out);
  std::string written = R"({"code":")";
  written += failure_code(error.kind);
  written += R"(","message":)";
  json::append_string(written, openai::error_message(error));
  written += '}';
  events_.begin(out, "response.failed");
  out += R"(,"response":)";
  append_response(out, "failed", written, "null", nullptr);
  events_.end(out);
}

void AnswerEncoder::heartbeat(std::string& out) { out += ": keep-alive\n\n"; }

}  // namespace wasat::dialect::openai_responses
