// The messages between a relay and its nodes, from the node's side: what the relay says is
// read, what the node answers is written. Pure; any thread.
//
//   relay to node   {id, path, method, body}   {type: "cancel", id}   {type: "cluster_sync", count}
//   node to relay   {id, success: true, payload}   {id, success: false, error, status, retry_after}
//                   {id, stream: true, type: "batch", chunks}
//                   {id, stream: true, done: true}
//                   {id, stream: true, error, status, done: true}

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/body.h"

namespace wasat::node {

struct Request {
  std::string id;
  std::string method;  // empty: the relay sent none
  std::string path;    // with its query
  // The body as the client wrote it: a view into the message, which `message` keeps.
  // Empty: there is none.
  std::string_view body;
  std::shared_ptr<const Buffer> message;
};

struct Incoming {
  enum class Kind : std::uint8_t { kRequest, kCancel, kNodeCount, kOther };
  Kind kind = Kind::kOther;
  Request request;        // kRequest; of kCancel the id alone
  std::size_t count = 0;  // kNodeCount
};

// What is no message of ours is kOther, whatever it is: a node stays usable when its relay
// is newer than it.
Incoming read_message(std::shared_ptr<const Buffer> message);

struct Refusal {
  int status = 0;  // HTTP; 0: it never came to one
  std::string error;
  std::string retry_after{};  // as Gemini said it; may be empty
};
// `in_stream`: chunks may have gone before.
std::string failure_message(std::string_view id, const Refusal& refusal, bool in_stream);
std::string end_message(std::string_view id);

// An answer that is no stream goes between these two.
std::string payload_head(std::string_view id);
inline constexpr std::string_view kPayloadTail = "}";

// One chunk goes between these two, as it is.
std::string chunk_head(std::string_view id);
inline constexpr std::string_view kChunkTail = "]}";

// Chunks that came together.
class BatchMessage {
 public:
  explicit BatchMessage(std::string_view id);
  // A complete JSON value.
  void add(std::string_view chunk);
  bool empty() const { return empty_; }
  std::string finish() &&;

 private:
  std::string text_;
  bool empty_ = true;
};

}  // namespace wasat::node
