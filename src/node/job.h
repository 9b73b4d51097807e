// Job: one request of a relay, from its message to the last word of its answer.
//
// Asks Gemini with the node's key and passes on what comes: chunks as they come, other
// answers whole. A failure is passed on as Gemini told it. Nothing is tried again: that
// is for the relay, which knows other nodes.
//
// Lives in the frame of the task that runs it, on the node's loop. cancel() ends whatever
// it waits for; then it says nothing more.

#pragma once

#include <memory>
#include <vector>

#include "http/sse.h"
#include "net/compute.h"
#include "node/held.h"
#include "node/message.h"
#include "node/options.h"
#include "node/target.h"
#include "node/wire.h"

namespace wasat::node {

// What a job has of its node.
struct Means {
  net::Loop& loop;
  http::Client& client;
  net::Compute& compute;
  const Options& options;
};

class Job {
 public:
  // `held` has room for the request's message.
  Job(const Means& means, Wire& wire, Held& held, Request request)
      : means_(means), wire_(wire), held_(held), request_(std::move(request)) {
    (void)held_.add(request_.message->size());
  }
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  Task<> run();
  void cancel() { cancel_.request(); }

  const std::string& id() const { return request_.id; }
  // How it went; for the log.
  int status() const { return status_; }

 private:
  using Answer = std::unique_ptr<http::ClientStream>;
  using Text = std::shared_ptr<Buffer>;

  Task<Result<Answer>> ask(const Target& target, std::string path);
  Task<> answer_whole(Target target);
  Task<> answer_list(Target target);
  Task<> answer_stream(Target target);
  // False: something went wrong, and it was said.
  Task<bool> pass_chunks(http::ClientStream& answer);
  Task<Result<>> pass_events(const std::vector<http::SseEvent>& events);
  Task<Result<>> check(PaddedView chunk);
  Task<> pass_payload(Text payload);
  // The body of `answer`, up to `most` bytes; what is beyond is an error.
  Task<Result<Text>> read_whole(http::ClientStream& answer, std::size_t most);
  Task<bool> is_json(PaddedView text);

  Task<> refuse(http::ClientStream& answer);  // Gemini did
  Task<> fail_with(Error error);
  Task<> fail_with(int status, std::string text);
  Task<> fail_with(Refusal refusal);

  const Means& means_;
  Wire& wire_;
  Held::Share held_;  // its message, until Gemini has the body; then its answer
  Request request_;
  Cancel cancel_;
  int status_ = 0;
  bool in_stream_ = false;  // chunks are wanted; failures are told in the stream's form
};

}  // namespace wasat::node
