// What a Loop is made of; only for the sources of net/.

#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "net/loop.h"

namespace wasat::net {

using Executor = boost::asio::io_context::executor_type;

struct Loop::Impl {
  // One thread runs the loop and does all I/O on it; others only post.
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
      timer{context};
};

}  // namespace wasat::net
