#include "dialect/openai_chat/tool_call.h"

#include "json/writer.h"

namespace wasat::dialect::openai_chat {

void append_function(std::string& out, const GivenCall& call) {
  out += R"({"name":)";
  json::append_string(out, call.name);
  out += call.custom ? R"(,"input":")" : R"(,"arguments":")";
  out += call.arguments;
  out += "\"}";
}

void append_signature(std::string& out, std::string_view escaped_signature) {
  out += R"("extra_content":{"google":{"thought_signature":")";
  out += escaped_signature;
  out += "\"}}";
}

void append_tool_call(std::string& out, const GivenCall& call) {
  out += R"("id":")";
  out += call.id;
  out += call.custom ? R"(","type":"custom","custom":)" : R"(","type":"function","function":)";
  append_function(out, call);
  if (!call.signature.empty()) {
    out += ',';
    append_signature(out, call.signature);
  }
}

}  // namespace wasat::dialect::openai_chat
