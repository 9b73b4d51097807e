// Protocol: how a relay node is spoken to.
//
// Several kinds of node exist, each with messages of its own. A Protocol writes what a
// node is asked and reads what it says; it does no I/O and keeps no request: it knows one
// connection only as far as a message that comes in pieces must be remembered.
//
// Belongs to one node's connection and its worker. Messages are text frames.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/body.h"
#include "base/result.h"

namespace wasat::relay {

// What a node is asked to do. Lives until its message was sent.
struct NodeRequest {
  std::string_view id;      // ours: [A-Za-z0-9-], at most 64 bytes
  std::string_view method;  // "POST"
  std::string_view path;    // "/v1beta/models/gemini-2.5-flash:streamGenerateContent"
  std::string_view query;   // "alt=sse"; without "?", may be empty
  bool stream = false;      // chunks are wanted
  // JSON in UTF-8, validated by whoever makes the request: it is spliced into a message as
  // it is, and what only looks like a value ("{}, \"method\": ...") would speak to the node
  // in our name. Null: none.
  const Body* body = nullptr;
  // Told to nodes whose protocol has a place for it.
  std::chrono::sys_time<std::chrono::milliseconds> sent_at{};
};

// A message on its way out, made as it is sent, so that a body of any size is never
// copied as a whole.
class OutgoingMessage {
 public:
  virtual ~OutgoingMessage() = default;
  // The next bytes, at least one: views into the request's body, or a small buffer of
  // the message's own, valid until the next call. Empty: that was all.
  virtual std::string_view next() = 0;
};

// What a node said about requests. Views live during the call only. `id` is whatever the
// node wrote, at most 64 bytes: it may be unknown, or of a request that another node has.
// Called within Protocol::read(); must not call it in turn.
class NodeEvents {
 public:
  virtual ~NodeEvents() = default;

  enum class Framing : std::uint8_t {
    kChunk,   // one JSON value is the whole answer
    kChunks,  // JSON values, each ended by piece(last)
    kBody,    // the bytes of an HTTP body, as `content_type` says
  };
  struct Head {
    int status = 200;  // HTTP; of protocols that know none: 200
    Framing framing = Framing::kChunk;
    std::string_view content_type{};  // of kBody
    std::string_view retry_after{};   // of kBody
  };
  // The answer begins. In front of its pieces, and of each message of them: a protocol keeps
  // no request, so only the first one of an answer counts, and any further one says no more
  // than that the node is alive.
  virtual void began(std::string_view id, const Head& head) = 0;
  // Bytes of it. `last` ends one chunk of kChunks, and nothing otherwise.
  virtual void piece(std::string_view id, std::string_view bytes, bool last) = 0;
  // It is complete.
  virtual void ended(std::string_view id) = 0;
  struct Failure {
    int status = 0;                  // HTTP; 0: the node did not say
    std::string_view error;          // what it said, JSON or words
    std::string_view retry_after{};  // as in HTTP
  };
  // It did not come about, or will not be completed.
  virtual void failed(std::string_view id, const Failure& failure) = 0;
  // The node wants this text message as an answer to its own ("pong").
  virtual void reply(std::string_view message) = 0;
  // What cannot be understood; the connection goes on.
  virtual void misunderstood(std::string_view why) = 0;
};

struct ProtocolLimits {
  // Messages up to here are read as a whole; of longer ones the answer is passed on
  // while it comes, and only what is not answer is bounded by it.
  std::size_t whole_message = 256 * 1024;
  // Of a longer one: what may be held of it until it is known whose it is and what. (A node
  // that sorts its members writes the answer in front of the id.)
  std::size_t held = 2 * 1024 * 1024;
};

class Protocol {
 public:
  virtual ~Protocol() = default;

  virtual std::string_view name() const = 0;  // "applet"
  virtual std::unique_ptr<OutgoingMessage> request(const NodeRequest& request) = 0;
  // Tells the node that nobody waits any more. Empty: the protocol has no such message.
  virtual std::string cancel(std::string_view id) = 0;
  // Tells it how many nodes there are. Empty: the protocol has no such message.
  virtual std::string node_count(std::size_t count) = 0;
  // A message, or a part of one. `first` and `last`: of this message. Any split of the
  // same bytes gives the same events, apart from how pieces are cut.
  virtual void read(std::string_view bytes, bool first, bool last, NodeEvents& events) = 0;
};

// The first applet's: {id, path, method, body}, batches, {done}.
std::unique_ptr<Protocol> make_applet_protocol(ProtocolLimits limits = {});
// The envelope {id, type, payload} of nodes that make HTTP requests.
std::unique_ptr<Protocol> make_envelope_protocol(ProtocolLimits limits = {});
// Event messages {event_type, request_id, ...}.
std::unique_ptr<Protocol> make_event_protocol(ProtocolLimits limits = {});

}  // namespace wasat::relay
