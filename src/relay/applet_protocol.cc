// The protocol of the first applet. docs/relay-protocol.md says all of it.

#include <cstdint>
#include <string>
#include <utility>

#include "json/writer.h"
#include "relay/body_message.h"
#include "relay/message_reader.h"
#include "relay/node_message.h"
#include "relay/protocol.h"

namespace wasat::relay {
namespace {

constexpr std::string_view kModels = "/v1beta/models";
constexpr std::size_t kLongestField = 64;  // a time in HTTP is shorter

class AppletMessage final : public NodeMessage {
 public:
  Take member(int level, std::string_view name, json::Type type) override;
  Take member_again(int level, std::string_view name, json::Type type) override;
  Take element(json::Type type) override;
  void value(json::Value value) override;
  void piece(std::string_view bytes, bool last) override { events().piece(id(), bytes, last); }

 private:
  enum Member : std::uint32_t {
    kUnknown = 0,
    kId = 1 << 0,
    kSuccess = 1 << 1,
    kPayload = 1 << 2,
    kError = 1 << 3,
    kStatus = 1 << 4,
    kStream = 1 << 5,
    kType = 1 << 6,
    kChunks = 1 << 7,
    kDone = 1 << 8,
    kRetryAfter = 1 << 9,
  };

  static Member named(std::string_view name);
  void reset() override;
  void finish() override;
  void fail(std::string_view words);
  Take take_payload(Take otherwise);
  Take take_chunks(json::Type type, Take otherwise);

  Member current_ = kUnknown;  // whose value comes
  bool is_success_ = false;
  bool is_stream_ = false;
  bool is_batch_ = false;
  bool is_ping_ = false;
  bool is_done_ = false;
  bool has_answered_ = false;  // the payload was passed on
  int status_ = 0;
  std::string error_;
  std::string retry_after_;
};

AppletMessage::Member AppletMessage::named(std::string_view name) {
  if (name == "id") return kId;
  if (name == "success") return kSuccess;
  if (name == "payload") return kPayload;
  if (name == "error") return kError;
  if (name == "status") return kStatus;
  if (name == "stream") return kStream;
  if (name == "type") return kType;
  if (name == "chunks") return kChunks;
  if (name == "retry_after") return kRetryAfter;
  return name == "done" ? kDone : kUnknown;
}

void AppletMessage::reset() {
  current_ = kUnknown;
  is_success_ = is_stream_ = is_batch_ = is_ping_ = is_done_ = has_answered_ = false;
  status_ = 0;
  error_.clear();
  error_.shrink_to_fit();
  retry_after_.clear();
}

Take AppletMessage::member(int /*level*/, std::string_view name, json::Type type) {
  current_ = named(name);
  if (current_ == kUnknown || !first(current_)) return Take::kSkip;
  if (!makes_sense() && current_ != kId) return Take::kSkip;
  if (current_ == kPayload) return take_payload(Take::kLater);
  if (current_ == kChunks) return take_chunks(type, Take::kLater);
  return Take::kValue;
}

Take AppletMessage::member_again(int /*level*/, std::string_view name, json::Type type) {
  if (!makes_sense()) return Take::kSkip;
  return named(name) == kPayload ? take_payload(Take::kSkip) : take_chunks(type, Take::kSkip);
}

Take AppletMessage::take_payload(Take otherwise) {
  // A stream's message has none.
  if (is_stream_) return Take::kSkip;
  if (!has_id() || !is_success_) return otherwise;
  has_answered_ = true;
  begin({.framing = NodeEvents::Framing::kChunk});
  return Take::kPieces;
}

Take AppletMessage::take_chunks(json::Type type, Take otherwise) {
  if (type != json::Type::kArray) return Take::kSkip;
  if (!has_id() || !is_stream_ || !is_batch_) return otherwise;
  begin({.framing = NodeEvents::Framing::kChunks});
  return Take::kEnter;
}

Take AppletMessage::element(json::Type type) {
  if (!makes_sense()) return Take::kSkip;
  if (type == json::Type::kObject) return Take::kPieces;
  nonsense("a chunk that is no object");
  return Take::kSkip;
}

void AppletMessage::value(json::Value value) {
  switch (current_) {
    case kId:
      return set_id(value);
    case kSuccess:
      is_success_ = is_true(value);
      return;
    case kError:
      error_ = words_of(value);
      return;
    case kStatus:
      status_ = status_of(value, 400);
      return;
    case kRetryAfter:
      retry_after_ = value.is_string() ? *value.string() : value.raw();
      if (retry_after_.size() > kLongestField) retry_after_.clear();
      return;
    case kStream:
      is_stream_ = is_true(value);
      if (is_stream_ && has_answered_) nonsense("a payload in a stream");
      return;
    case kType:
      is_batch_ = value.string_or("") == "batch";
      is_ping_ = value.string_or("").starts_with('p');
      return;
    case kDone:
      is_done_ = is_true(value);
      return;
    case kUnknown:
    case kPayload:
    case kChunks:
      return;
  }
}

void AppletMessage::finish() {
  if (!has_id()) {
    if (!is_ping_) nonsense("no id");
  } else if (is_stream_ && !error_.empty()) {
    fail(error_);
  } else if (is_stream_) {
    begin({.framing = NodeEvents::Framing::kChunks});
    if (is_done_) events().ended(id());
  } else if (has_answered_) {
    events().ended(id());
  } else if (is_success_) {
    events().failed(id(), {.error = "The node's answer has no payload."});
  } else {
    fail(error_.empty() ? std::string_view("Applet Error") : error_);
  }
}

void AppletMessage::fail(std::string_view words) {
  events().failed(id(), {.status = status_, .error = words, .retry_after = retry_after_});
}

class AppletProtocol final : public Protocol {
 public:
  explicit AppletProtocol(ProtocolLimits limits) : reader_(limits) {}

  std::string_view name() const override { return "applet"; }
  std::unique_ptr<OutgoingMessage> request(const NodeRequest& request) override;
  std::string cancel(std::string_view id) override;
  std::string node_count(std::size_t count) override;
  void read(std::string_view bytes, bool first, bool last, NodeEvents& events) override {
    reader_.read(bytes, first, last, message_, events);
  }

 private:
  MessageReader reader_;
  AppletMessage message_;
};

std::unique_ptr<OutgoingMessage> AppletProtocol::request(const NodeRequest& request) {
  static const Body none = Body::of("{}");
  const bool is_get = request.method == "GET";
  std::string head = "{\"id\":";
  json::append_string(head, request.id);
  head += ",\"path\":\"";
  json::append_escaped(head, request.path);
  // The first server asked for the list of models without the client's query.
  if (!request.query.empty() && !(is_get && request.path == kModels)) {
    head += '?';
    json::append_escaped(head, request.query);
  }
  std::string method = ",\"method\":";
  json::append_string(method, request.method);
  std::string tail;
  // The order of the members is the first server's.
  head += '"';
  (is_get ? head : tail) += method;
  head += ",\"body\":";
  tail += '}';
  const bool has_body = request.body != nullptr && !request.body->empty();
  return std::make_unique<BodyMessage>(std::move(head), has_body ? request.body : &none,
                                       BodyMessage::Form::kValue, std::move(tail));
}

std::string AppletProtocol::cancel(std::string_view id) {
  std::string message = R"({"type":"cancel","id":)";
  json::append_string(message, id);
  return message + "}";
}

std::string AppletProtocol::node_count(std::size_t count) {
  return R"({"type":"cluster_sync","count":)" + std::to_string(count) + "}";
}

}  // namespace

std::unique_ptr<Protocol> make_applet_protocol(ProtocolLimits limits) {
  return std::make_unique<AppletProtocol>(limits);
}

}  // namespace wasat::relay
