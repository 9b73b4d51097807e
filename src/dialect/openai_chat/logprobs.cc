#include "dialect/openai_chat/logprobs.h"

#include "json/writer.h"

namespace wasat::dialect::openai_chat {
namespace {

// "token":...,"logprob":...,"bytes":[...]
void write_token(json::Writer& writer, json::Value token) {
  const std::string_view text = token["token"].string_or("");
  writer.member("token", text);
  writer.member("logprob", token["logProbability"].number().value_or(0.0));
  writer.key("bytes").begin_array();
  for (const char c : text) writer.number(std::int64_t{static_cast<unsigned char>(c)});
  writer.end_array();
}

}  // namespace

void append_logprobs(std::string& out, json::Value result) {
  const json::Value top = result["topCandidates"];
  auto alternatives = top.begin();
  for (const json::Value chosen : result["chosenCandidates"]) {
    if (!out.empty()) out += ',';
    json::Writer writer(out);
    writer.begin_object();
    write_token(writer, chosen);
    writer.key("top_logprobs").begin_array();
    if (top.is_array() && alternatives != top.end()) {
      for (const json::Value token : (*alternatives)["candidates"]) {
        writer.begin_object();
        write_token(writer, token);
        writer.end_object();
      }
      ++alternatives;
    }
    writer.end_array().end_object();
  }
}

}  // namespace wasat::dialect::openai_chat
