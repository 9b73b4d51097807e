#include "bench/upstream/answers.h"

#include <cstdio>

namespace bench {
namespace {

std::string chunk(const std::string& text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

std::string event_text(bool last) {
  return std::string(
             "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"#000000 in the "
             "middle of things there is always one more word to come, and then \"}],"
             "\"role\": \"model\"},") +
         (last ? "\"finishReason\": \"STOP\"," : "") +
         "\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9,\"candidatesTokenCount\": "
         "17,\"totalTokenCount\": 26},\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": "
         "\"b3NlIGEgcmFuZG9t\"}\r\n\r\n";
}

}  // namespace

Answers make_answers(std::size_t unary) {
  Answers answers;
  const std::string before = "{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"#000000 ";
  const std::string after =
      "\"}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": "
      "{\"promptTokenCount\": 9,\"candidatesTokenCount\": 170,\"totalTokenCount\": 179},"
      "\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"b3NlIGEgcmFuZG9t\"}";
  const std::string body = before + std::string(unary - before.size() - after.size(), 'w') + after;
  answers.unary =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
      "Content-Length: " +
      std::to_string(unary) + "\r\n\r\n" + body;
  answers.upload =
      "HTTP/1.1 200 OK\r\nX-Goog-Upload-Status: active\r\nX-Goog-Upload-URL: "
      "https://localhost/upload/v1beta/files?upload_id=1&upload_protocol=resumable\r\n"
      "Content-Length: 0\r\n\r\n";
  answers.stream_head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  answers.event = chunk(event_text(false));
  answers.digits = answers.event.find('#') + 1;
  answers.last_event = chunk(event_text(true)) + "0\r\n\r\n";
  answers.last_digits = answers.last_event.find('#') + 1;
  return answers;
}

}  // namespace bench
