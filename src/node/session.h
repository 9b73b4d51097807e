// Session: one connection of a node to its relay, from the handshake to its end.
//
// Reads messages and starts a job for each request; jobs answer over the wire. Ends when
// the relay closes, when the connection breaks (running jobs end with it: the relay asks
// another node) or when it has drained. Belongs to the node's loop.

#pragma once

#include <map>
#include <optional>

#include "node/job.h"
#include "observe/log.h"

namespace wasat::node {

class Session {
 public:
  Session(const Means& means, ws::Masks& masks, observe::Log& log)
      : means_(means), masks_(masks), log_(log), held_(means.options.most_held) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Once. An error: why there was no connection, or why it ended; its status is that of a
  // relay which refused. No error: it drained.
  Task<Result<>> run();
  bool connected() const { return connection_.has_value(); }

  // Takes no further requests, and closes when those that run are done.
  void drain();
  // Ends what runs.
  void abort();

 private:
  Task<Result<>> open();
  Task<Result<>> read_messages();
  Task<> take(std::shared_ptr<Buffer> message);
  // Why a request is not taken; empty: it is.
  std::string_view refusal(const Request& request) const;
  Task<> work(Request request);
  Task<> refuse(std::string message);
  Task<> jobs_ended();
  static void job_ended(void* self);

  const Means& means_;
  ws::Masks& masks_;
  observe::Log& log_;
  Cancel stop_reading_;
  std::optional<http::ClientStream::Upgraded> link_;
  std::optional<ws::Connection> connection_;  // on link_
  std::optional<Wire> wire_;                  // on connection_
  Held held_;                                 // by jobs_
  std::map<std::string, Job*, std::less<>> jobs_;
  TaskScope scope_;                  // of jobs and refusals
  std::coroutine_handle<> waiting_;  // for scope_ to be empty
  bool draining_ = false;
  bool aborting_ = false;  // abort() is under way
};

}  // namespace wasat::node
