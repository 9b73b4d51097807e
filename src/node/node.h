// Node: holds a connection to a relay and answers what comes over it, until it is stopped.
//
// When the connection ends it connects again, after a pause that grows with each failure
// in a row. Belongs to one loop. run() ends after stop(), or when the relay has refused
// the very first connection for a reason that trying again would not mend.

#pragma once

#include "node/backoff.h"
#include "node/session.h"

namespace wasat::node {

class Node {
 public:
  Node(const Means& means, ws::Masks& masks, observe::Log& log, Random random);
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Once. An error: the relay refused.
  Task<Result<>> run();
  // Takes no further requests; ends when those that run are done.
  void stop();
  // Ends what still runs. Behind stop().
  void abort();

 private:
  const Means means_;
  ws::Masks& masks_;
  observe::Log& log_;
  Backoff backoff_;
  Session* session_ = nullptr;  // the present one
  Cancel stop_waiting_;         // for the next try
  bool stopping_ = false;
};

}  // namespace wasat::node
