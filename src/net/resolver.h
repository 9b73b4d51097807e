// Resolver: names to addresses without blocking (c-ares), with a cache.
//
// Belongs to one worker. Answers are kept as long as the name server says, at
// least kShortest and at most kLongest; failures are not kept.

#pragma once

#include <sys/socket.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "net/loop.h"

namespace wasat::net {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

class Resolver {
 public:
  static constexpr std::chrono::seconds kShortest{5};
  static constexpr std::chrono::seconds kLongest{300};

  explicit Resolver(Loop& loop);
  virtual ~Resolver();
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  // Never empty. Address literals cost nothing. Errors: the name is unknown or
  // the name servers do not answer.
  virtual Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port,
                                                     TimePoint deadline, Cancel* cancel);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wasat::net
