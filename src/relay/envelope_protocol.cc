// The envelope {id, type, payload} of nodes that make HTTP requests. docs/relay-protocol.md
// says all of it.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>

#include "json/writer.h"
#include "relay/body_message.h"
#include "relay/http_head.h"
#include "relay/message_reader.h"
#include "relay/node_message.h"
#include "relay/protocol.h"

namespace wasat::relay {
namespace {

constexpr std::string_view kOrigin = "https://generativelanguage.googleapis.com";

class EnvelopeMessage final : public NodeMessage {
 public:
  Take member(int level, std::string_view name, json::Type type) override;
  Take member_again(int level, std::string_view name, json::Type type) override;
  Take element(json::Type /*type*/) override { return Take::kSkip; }
  void value(json::Value value) override;
  void piece(std::string_view bytes, bool /*last*/) override {
    if (!bytes.empty()) events().piece(id(), bytes, false);
  }

 private:
  enum class Kind : std::uint8_t {
    kUnknown,
    kAnswer,
    kStart,
    kChunk,
    kEnd,
    kError,
    kPing,
    kPong,
  };
  enum Member : std::uint32_t {
    kOther = 0,
    kId = 1 << 0,
    kType = 1 << 1,
    kPayload = 1 << 2,
    // In the payload:
    kStatus = 1 << 3,
    kHeaders = 1 << 4,
    kBody = 1 << 5,
    kData = 1 << 6,
    kErrorText = 1 << 7,
  };

  static Kind kind_of(std::string_view type);
  static Member named(int level, std::string_view name);
  void reset() override;
  void finish() override;
  Take take_payload(json::Type type, Take otherwise);
  Take take_body(json::Type type, bool is_last_chance);
  Take take_data(json::Type type);
  void pong();

  Member current_ = kOther;  // whose value comes
  Kind kind_ = Kind::kUnknown;
  bool has_payload_ = false;
  HttpHead head_;
  int error_status_ = 0;
  std::string error_;
};

EnvelopeMessage::Kind EnvelopeMessage::kind_of(std::string_view type) {
  if (type == "http_response") return Kind::kAnswer;
  if (type == "stream_start") return Kind::kStart;
  if (type == "stream_chunk") return Kind::kChunk;
  if (type == "stream_end") return Kind::kEnd;
  if (type == "error") return Kind::kError;
  if (type == "ping") return Kind::kPing;
  return type == "pong" ? Kind::kPong : Kind::kUnknown;
}

EnvelopeMessage::Member EnvelopeMessage::named(int level, std::string_view name) {
  if (level == 1) {
    if (name == "id") return kId;
    if (name == "type") return kType;
    return name == "payload" ? kPayload : kOther;
  }
  if (name == "status") return kStatus;
  if (name == "headers") return kHeaders;
  if (name == "body") return kBody;
  if (name == "data") return kData;
  return name == "error" ? kErrorText : kOther;
}

void EnvelopeMessage::reset() {
  current_ = kOther;
  kind_ = Kind::kUnknown;
  has_payload_ = false;
  head_ = {};
  error_status_ = 0;
  error_.clear();
  error_.shrink_to_fit();
}

Take EnvelopeMessage::member(int level, std::string_view name, json::Type type) {
  current_ = named(level, name);
  if (current_ == kOther || !first(current_)) return Take::kSkip;
  if (!makes_sense() && current_ != kId) return Take::kSkip;
  if (current_ == kPayload) return take_payload(type, Take::kLater);
  if (current_ == kBody) return take_body(type, false);
  if (current_ == kData) return take_data(type);
  return Take::kValue;
}

Take EnvelopeMessage::member_again(int level, std::string_view name, json::Type type) {
  if (!makes_sense()) return Take::kSkip;
  return named(level, name) == kPayload ? take_payload(type, Take::kSkip) : take_body(type, true);
}

Take EnvelopeMessage::take_payload(json::Type type, Take otherwise) {
  if (type != json::Type::kObject) return Take::kSkip;
  if (!has_id() || !has(kType)) return otherwise;
  has_payload_ = true;
  return Take::kEnter;
}

Take EnvelopeMessage::take_body(json::Type type, bool is_last_chance) {
  if (kind_ != Kind::kAnswer || type != json::Type::kString) return Take::kSkip;
  if (!is_last_chance && (!has(kStatus) || !has(kHeaders))) return Take::kLater;
  begin(head_.view());
  return Take::kText;
}

Take EnvelopeMessage::take_data(json::Type type) {
  if (kind_ != Kind::kChunk || type != json::Type::kString) return Take::kSkip;
  begin({.framing = NodeEvents::Framing::kBody});
  return Take::kText;
}

void EnvelopeMessage::value(json::Value value) {
  switch (current_) {
    case kId:
      // A ping may do without.
      if (!value.is_string() || !value.escaped().empty()) set_id(value);
      return;
    case kType:
      kind_ = kind_of(value.string_or(""));
      return;
    case kStatus:
      error_status_ = status_of(value, 400);
      head_.status = status_of(value, 200);
      if (head_.status == 0 && kind_ != Kind::kError) nonsense("a status that is none");
      return;
    case kHeaders:
      head_.read_headers(value);
      return;
    case kErrorText:
      error_ = words_of(value);
      return;
    case kOther:
    case kPayload:
    case kBody:
    case kData:
      return;
  }
}

void EnvelopeMessage::finish() {
  if (kind_ == Kind::kPing) return pong();
  if (kind_ == Kind::kPong) return;
  if (!has_id()) return nonsense("no id");
  switch (kind_) {
    case Kind::kAnswer:
      if (!has_payload_)
        return events().failed(id(), {.error = "The node's answer has no payload."});
      begin(head_.view());
      return events().ended(id());
    case Kind::kStart:
      return begin(head_.view());
    case Kind::kChunk:
      return begin({.framing = NodeEvents::Framing::kBody});
    case Kind::kEnd:
      return events().ended(id());
    case Kind::kError:
      return events().failed(id(), {.status = error_status_,
                                    .error = error_.empty() ? kNoWords : std::string_view(error_),
                                    .retry_after = head_.view().retry_after});
    default:
      nonsense("an unknown type");
  }
}

void EnvelopeMessage::pong() {
  std::string message = "{";
  if (has_id()) {
    message += "\"id\":";
    json::append_string(message, id());
    message += ',';
  }
  events().reply(message + "\"type\":\"pong\"}");
}

class EnvelopeProtocol final : public Protocol {
 public:
  explicit EnvelopeProtocol(ProtocolLimits limits) : reader_(limits) {}

  std::string_view name() const override { return "envelope"; }
  std::unique_ptr<OutgoingMessage> request(const NodeRequest& request) override;
  std::string cancel(std::string_view /*id*/) override { return {}; }
  std::string node_count(std::size_t /*count*/) override { return {}; }
  void read(std::string_view bytes, bool first, bool last, NodeEvents& events) override {
    reader_.read(bytes, first, last, message_, events);
  }

 private:
  MessageReader reader_;
  EnvelopeMessage message_;
};

std::unique_ptr<OutgoingMessage> EnvelopeProtocol::request(const NodeRequest& request) {
  std::string head = "{\"id\":";
  json::append_string(head, request.id);
  head += R"(,"type":"http_request","payload":{"method":)";
  json::append_string(head, request.method);
  head += ",\"url\":\"";
  head += kOrigin;
  json::append_escaped(head, request.path);
  if (!request.query.empty()) {
    head += '?';
    json::append_escaped(head, request.query);
  }
  head += request.body == nullptr ? R"(","headers":{})"
                                  : R"(","headers":{"Content-Type":["application/json"]})";
  const auto seconds = std::chrono::floor<std::chrono::seconds>(request.sent_at);
  head += fmt::format(R"(,"sent_at":"{:%FT%T}.{:03}Z","body":")", seconds,
                      (request.sent_at - seconds).count());
  return std::make_unique<BodyMessage>(std::move(head), request.body, BodyMessage::Form::kString,
                                       "\"}}");
}

}  // namespace

std::unique_ptr<Protocol> make_envelope_protocol(ProtocolLimits limits) {
  return std::make_unique<EnvelopeProtocol>(limits);
}

}  // namespace wasat::relay
