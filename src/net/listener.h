// Listening sockets belong to the process: opened (or inherited) once, watched by
// every worker. A Listener is one worker's watch on one of them.

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "base/task.h"
#include "net/socket.h"

namespace wasat::net {

// A listening, non-blocking file descriptor on host:port (port 0: any). IPv6 hosts
// without brackets. The caller owns it.
Result<int> open_listening_socket(const std::string& host, std::uint16_t port);
// A listening socket that whoever started this process has opened and handed down as
// descriptor 3 (LISTEN_FDS and LISTEN_PID, sd_listen_fds(3)); -1 if there is none. An
// upgrade that hands its sockets down refuses no client.
int inherited_listening_socket();
// The port that a listening socket is bound to.
std::uint16_t local_port(int fd);

class Listener {
 public:
  // Called on the loop for each connection, with the peer's address in text form.
  using Accepted = std::function<void(Socket, std::string peer)>;

  // Accepts from `fd` (which stays the caller's) until stop().
  Listener(Loop& loop, int fd, Accepted accepted);
  ~Listener();

  // Starts accepting; on the loop's thread.
  void start(TaskScope& scope);
  // Ends accepting; the task in the scope ends soon after.
  void stop();

 private:
  Task<> accept_until_stopped();
  bool accept_one();
  void refuse_one();

  Loop& loop_;
  Socket socket_;  // a duplicate of the descriptor
  Accepted accepted_;
  Cancel stop_;
  int spare_fd_;  // given up for a moment when the process has no descriptor left
};

}  // namespace wasat::net
