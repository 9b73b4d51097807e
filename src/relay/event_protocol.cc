// Event messages {event_type, request_id, ...} of nodes that make HTTP requests.
// docs/relay-protocol.md says all of it.

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "base/percent.h"
#include "json/writer.h"
#include "relay/body_message.h"
#include "relay/http_head.h"
#include "relay/message_reader.h"
#include "relay/node_message.h"
#include "relay/protocol.h"

namespace wasat::relay {
namespace {

class EventMessage final : public NodeMessage {
 public:
  Take member(int level, std::string_view name, json::Type type) override;
  Take member_again(int level, std::string_view name, json::Type type) override;
  Take element(json::Type /*type*/) override { return Take::kSkip; }
  void value(json::Value value) override;
  void piece(std::string_view bytes, bool /*last*/) override {
    if (!bytes.empty()) events().piece(id(), bytes, false);
  }

 private:
  enum class Kind : std::uint8_t { kUnknown, kHead, kChunk, kEnd, kError };
  enum Member : std::uint32_t {
    kOther = 0,
    kType = 1 << 0,
    kId = 1 << 1,
    kStatus = 1 << 2,
    kHeaders = 1 << 3,
    kData = 1 << 4,
    kText = 1 << 5,
  };

  static Kind kind_of(std::string_view type);
  static Member named(std::string_view name);
  void reset() override;
  void finish() override;
  Take take_data(json::Type type, Take otherwise);

  Member current_ = kOther;  // whose value comes
  Kind kind_ = Kind::kUnknown;
  HttpHead head_;
  std::string error_;
};

EventMessage::Kind EventMessage::kind_of(std::string_view type) {
  if (type == "response_headers") return Kind::kHead;
  if (type == "chunk") return Kind::kChunk;
  if (type == "stream_close") return Kind::kEnd;
  return type == "error" ? Kind::kError : Kind::kUnknown;
}

EventMessage::Member EventMessage::named(std::string_view name) {
  if (name == "event_type") return kType;
  if (name == "request_id") return kId;
  if (name == "status") return kStatus;
  if (name == "headers") return kHeaders;
  if (name == "data") return kData;
  return name == "message" ? kText : kOther;
}

void EventMessage::reset() {
  current_ = kOther;
  kind_ = Kind::kUnknown;
  head_ = {};
  error_.clear();
  error_.shrink_to_fit();
}

Take EventMessage::member(int /*level*/, std::string_view name, json::Type type) {
  current_ = named(name);
  if (current_ == kOther || !first(current_)) return Take::kSkip;
  if (!makes_sense() && current_ != kId) return Take::kSkip;
  return current_ == kData ? take_data(type, Take::kLater) : Take::kValue;
}

Take EventMessage::member_again(int /*level*/, std::string_view /*name*/, json::Type type) {
  return makes_sense() ? take_data(type, Take::kSkip) : Take::kSkip;
}

Take EventMessage::take_data(json::Type type, Take otherwise) {
  if (type != json::Type::kString) return Take::kSkip;
  if (!has_id() || !has(kType)) return otherwise;
  if (kind_ != Kind::kChunk) return Take::kSkip;
  begin({.framing = NodeEvents::Framing::kBody});
  return Take::kText;
}

void EventMessage::value(json::Value value) {
  switch (current_) {
    case kType:
      kind_ = kind_of(value.string_or(""));
      return;
    case kId:
      return set_id(value);
    case kStatus:
      head_.status = status_of(value, 200);
      return;
    case kHeaders:
      return head_.read_headers(value);
    case kText:
      error_ = words_of(value);
      return;
    case kOther:
    case kData:
      return;
  }
}

void EventMessage::finish() {
  if (!has_id()) return nonsense("no id");
  switch (kind_) {
    case Kind::kHead:
      if (head_.status == 0) return nonsense("a status that is none");
      return begin(head_.view());
    case Kind::kChunk:
      return begin({.framing = NodeEvents::Framing::kBody});
    case Kind::kEnd:
      return events().ended(id());
    case Kind::kError:
      return events().failed(id(), {.status = head_.status < 400 ? 0 : head_.status,
                                    .error = error_.empty() ? kNoWords : std::string_view(error_),
                                    .retry_after = head_.view().retry_after});
    case Kind::kUnknown:
      return nonsense("an unknown type");
  }
}

class EventProtocol final : public Protocol {
 public:
  explicit EventProtocol(ProtocolLimits limits) : reader_(limits) {}

  std::string_view name() const override { return "event"; }
  std::unique_ptr<OutgoingMessage> request(const NodeRequest& request) override;
  std::string cancel(std::string_view id) override;
  std::string node_count(std::size_t /*count*/) override { return {}; }
  void read(std::string_view bytes, bool first, bool last, NodeEvents& events) override {
    reader_.read(bytes, first, last, message_, events);
  }

 private:
  MessageReader reader_;
  EventMessage message_;
};

// {"alt":"sse"}. The node encodes what stands here once more.
void write_query(json::Writer& writer, std::string_view query) {
  writer.begin_object();
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto decoded = [](std::string_view part) {
      std::string text(part);
      std::ranges::replace(text, '+', ' ');
      return percent_decoded(text);
    };
    writer.key_escaped(decoded(pair.substr(0, equals)));
    writer.string(decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  writer.end_object();
}

// Each request is tried once under its id: a further attempt gets another id.
void write_ids(json::Writer& writer, std::string_view id) {
  writer.member("request_id", id).member("request_attempt_id", id);
}

std::unique_ptr<OutgoingMessage> EventProtocol::request(const NodeRequest& request) {
  std::string head;
  json::Writer writer(head);
  writer.begin_object();
  write_ids(writer, request.id);
  writer.member("method", request.method).member("path", request.path).key("query_params");
  write_query(writer, request.query);
  writer.key("headers").begin_object();
  if (request.body != nullptr) writer.member("content-type", "application/json");
  writer.end_object().member("streaming_mode", "real");
  writer.member("is_generative", request.path.ends_with("enerateContent"));
  if (request.body == nullptr) {
    writer.end_object();
    return std::make_unique<BodyMessage>(std::move(head), nullptr, BodyMessage::Form::kString, "");
  }
  head += ",\"body\":\"";
  return std::make_unique<BodyMessage>(std::move(head), request.body, BodyMessage::Form::kString,
                                       "\"}");
}

std::string EventProtocol::cancel(std::string_view id) {
  std::string message;
  json::Writer writer(message);
  writer.begin_object().member("event_type", "cancel_request");
  write_ids(writer, id);
  writer.end_object();
  return message;
}

}  // namespace

std::unique_ptr<Protocol> make_event_protocol(ProtocolLimits limits) {
  return std::make_unique<EventProtocol>(limits);
}

}  // namespace wasat::relay
