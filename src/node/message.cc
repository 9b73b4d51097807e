#include "node/message.h"

#include "json/reader.h"
#include "json/writer.h"

namespace wasat::node {
namespace {

std::string head(std::string_view id) {
  std::string text = R"({"id":)";
  json::append_string(text, id);
  return text;
}

Request read_request(const json::Value& root) {
  Request request;
  request.id = root["id"].string_or({});
  request.method = root["method"].string_or({});
  request.path = root["path"].string_or({});
  const json::Value body = root["body"];
  if (body && !body.is_null()) request.body = body.raw();
  return request;
}

}  // namespace

Incoming read_message(std::shared_ptr<const Buffer> message) {
  Incoming incoming;
  json::Document document;
  const Result<json::Value> root = document.parse(message->padded());
  if (!root || !root->is_object()) return incoming;
  const std::string_view type = (*root)["type"].string_or({});
  if (type == "cluster_sync") {
    incoming.kind = Incoming::Kind::kNodeCount;
    incoming.count =
        static_cast<std::size_t>(std::max<std::int64_t>(0, (*root)["count"].integer().value_or(0)));
    return incoming;
  }
  incoming.request = read_request(*root);
  if (incoming.request.id.empty()) return incoming;
  if (type == "cancel") {
    incoming.kind = Incoming::Kind::kCancel;
  } else if (type.empty() && !incoming.request.path.empty()) {
    incoming.kind = Incoming::Kind::kRequest;
    incoming.request.message = std::move(message);
  }
  return incoming;
}

std::string failure_message(std::string_view id, const Refusal& refusal, bool in_stream) {
  std::string text = head(id);
  text += in_stream ? R"(,"stream":true,"error":)" : R"(,"success":false,"error":)";
  json::append_string(text, refusal.error);
  if (refusal.status > 0) text.append(R"(,"status":)").append(std::to_string(refusal.status));
  if (!refusal.retry_after.empty()) {
    text += R"(,"retry_after":)";
    json::append_string(text, refusal.retry_after);
  }
  text += in_stream ? R"(,"done":true})" : "}";
  return text;
}

std::string end_message(std::string_view id) { return head(id) + R"(,"stream":true,"done":true})"; }

std::string payload_head(std::string_view id) { return head(id) + R"(,"success":true,"payload":)"; }

std::string chunk_head(std::string_view id) {
  return head(id) + R"(,"stream":true,"type":"batch","chunks":[)";
}

BatchMessage::BatchMessage(std::string_view id) : text_(chunk_head(id)) {}

void BatchMessage::add(std::string_view chunk) {
  if (!empty_) text_ += ',';
  text_ += chunk;
  empty_ = false;
}

std::string BatchMessage::finish() && {
  text_ += kChunkTail;
  return std::move(text_);
}

}  // namespace wasat::node
