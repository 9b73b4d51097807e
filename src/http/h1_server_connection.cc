#include "http/h1_server_connection.h"

#include <algorithm>

#include "http/h1_server_exchange.h"

namespace wasat::http {
namespace {

// A body that a handler left unread is skipped up to here; behind that the connection closes.
constexpr std::uint64_t kMostSkipped = 256 * 1024;
constexpr std::size_t kMostLingered = 64u << 20;
constexpr Header kJson{"Content-Type", "application/json"};

}  // namespace

H1ServerConnection::H1ServerConnection(Server& server, net::Socket socket, std::string peer)
    : server_(server), stream_(std::move(socket)), peer_(std::move(peer)) {}

void H1ServerConnection::drain() {
  closing_ = true;
  idle_.request();
}

void H1ServerConnection::abort() {
  closing_ = true;
  stream_.socket().reset_on_close();
  // Whatever waits on the socket finds it dead.
  stream_.socket().shutdown_both();
  if (handling_) {
    serving_->request();
  } else {
    idle_.request();
  }
}

Task<> H1ServerConnection::run() {
  Next next = Next::kKeepAlive;
  while (next == Next::kKeepAlive && !closing_) {
    if (input_.empty()) {
      input_.reset();
      const net::TimePoint deadline = std::chrono::steady_clock::now() + options().idle_timeout;
      if (co_await stream_.readable(deadline, &idle_) != net::Wake::kReady) co_return;
    }
    next = co_await serve_requests();
  }
  if (next == Next::kLinger) co_await linger();
}

// Serves until no byte of a further request is there.
Task<H1ServerConnection::Next> H1ServerConnection::serve_requests() {
  do {
    Request request(*this);
    Response response(*this, request);
    request.expect_response(response);
    serving_ = &request.departed();
    const Next next = co_await serve_one(request, response);
    serving_ = nullptr;
    if (next != Next::kKeepAlive) co_return next;
  } while (!input_.empty() && !closing_);
  co_return Next::kKeepAlive;
}

Task<Result<>> H1ServerConnection::fill(net::TimePoint deadline) {
  for (;;) {
    if (!input_) input_ = loop().buffers().borrow();
    if (input_.empty()) {
      input_.rewind();
    } else if (input_.room_size() == 0) {
      input_.compact();
    }
    const net::IoResult result = stream_.try_read({input_.room(), input_.room_size()});
    if (result.bytes > 0) {
      input_.added(result.bytes);
      co_return Result<>{};
    }
    if (!result.would_block()) {
      co_return fail(client_error(ErrorKind::kCancelled, "the client closed the connection"));
    }
    if (input_.empty()) input_.reset();  // whoever waits holds no block
    const net::Wake wake = co_await stream_.readable(deadline, reading_cancel());
    if (wake == net::Wake::kTimeout) {
      co_return fail(client_error(ErrorKind::kTimeout, "the request stopped coming"));
    }
    if (wake == net::Wake::kCancelled) {
      co_return fail(client_error(ErrorKind::kCancelled, "this server is closing"));
    }
  }
}

namespace {

// Of a head that may be there in part only; empty: its path is not there yet.
std::string_view target_of(std::string_view head) {
  const std::size_t begin = head.find(' ') + 1;
  if (begin == 0) return {};
  const std::string_view rest = head.substr(begin);
  const std::size_t end = rest.find_first_of(" \r\n");
  if (end == std::string_view::npos && rest.find('?') == std::string_view::npos) return {};
  return rest.substr(0, end);
}

}  // namespace

// The length of the head at the front of input_; 0 when the client left before one began.
Task<Result<std::size_t>> H1ServerConnection::read_head() {
  const net::TimePoint begin = std::chrono::steady_clock::now();
  net::TimePoint deadline = begin + options().head_timeout;
  std::size_t most = options().max_head;
  bool at_door = false;
  for (;;) {
    if (!input_.empty()) {
      const HeadScan scan = scan_head(input_.view());
      if (scan.wrong != nullptr) {
        co_return fail(client_error(ErrorKind::kInvalidRequest, scan.wrong));
      }
      // Most heads are small and come at once: of those nobody need ask.
      if (!at_door && (scan.length == 0 || scan.length > options().door_head) &&
          options().is_door != nullptr && options().is_door(target_of(input_.view()))) {
        at_door = true;
        most = std::min(most, options().door_head);
        deadline = std::min(deadline, begin + options().door_timeout);
      }
      if (scan.length > most || (scan.length == 0 && input_.size() >= most)) {
        co_return fail(client_error(ErrorKind::kTooLarge, "the request head is larger than " +
                                                              std::to_string(most) + " bytes"));
      }
      if (scan.length > 0) co_return scan.length;
      if (input_.room_size() == 0) {
        input_.compact();
        if (input_.room_size() == 0) input_.grow(2 * input_.capacity());
      }
    }
    const Result<> filled = co_await fill(deadline);
    if (!filled) {
      if (filled.error().kind == ErrorKind::kCancelled) co_return std::size_t{0};
      co_return fail(filled.error());
    }
  }
}

Task<H1ServerConnection::Next> H1ServerConnection::refuse(Response& response, Error error,
                                                          int status, std::string_view target) {
  response.close_after();
  const std::string body = server_.handler_.refusal(error, target);
  const Result<> sent = co_await response.send(status, {&kJson, 1}, body);
  co_return sent ? Next::kLinger : Next::kClose;
}

Task<H1ServerConnection::Next> H1ServerConnection::serve_one(Request& request, Response& response) {
  const Result<std::size_t> length = co_await read_head();
  if (!length) {
    const Error& error = length.error();
    const int status = error.kind == ErrorKind::kTooLarge  ? 431
                       : error.kind == ErrorKind::kTimeout ? 408
                                                           : 400;
    co_return co_await refuse(response, error, status, {});
  }
  if (*length == 0) co_return Next::kClose;
  const auto wrong = request.begin(input_.view().substr(0, *length));
  input_.consume(*length);
  if (wrong) {
    Error error = client_error(ErrorKind::kInvalidRequest,
                               "the HTTP request is malformed: " + std::string(*wrong));
    co_return co_await refuse(response, std::move(error), 400, request.target);
  }
  if (request.body_ended()) request.watch_client();

  handling_ = true;
  co_await server_.handler_.handle(request, response);
  handling_ = false;

  stream_.socket().unwatch();
  if (response.upgraded()) co_return Next::kClose;
  if (request.departed().requested() || response.aborted()) co_return Next::kClose;
  if (!response.finished()) {
    // Never let a cut-off answer look complete.
    stream_.socket().reset_on_close();
    co_return Next::kClose;
  }
  if (!request.body_ended()) {
    if (response.closes() || request.content_length().value_or(kMostSkipped + 1) > kMostSkipped ||
        !request.header("expect").empty()) {
      co_return Next::kLinger;
    }
    if (!co_await skip_body(request)) co_return Next::kClose;
  }
  if (!response.closes()) co_return Next::kKeepAlive;
  co_return input_.empty() ? Next::kClose : Next::kLinger;
}

Task<bool> H1ServerConnection::skip_body(Request& request) {
  std::array<char, 2048> skipped;
  while (!request.body_ended()) {
    const Result<std::size_t> n = co_await request.read_some(skipped);
    if (!n) co_return false;
  }
  co_return true;
}

// Closing while the client still sends would reset the connection and destroy
// the answer before the client reads it (RFC 9112 section 9.6).
Task<> H1ServerConnection::linger() {
  stream_.socket().shutdown_write();
  const net::TimePoint deadline = std::chrono::steady_clock::now() + options().linger;
  std::size_t read = 0;
  while (read < kMostLingered) {
    input_.reset();
    const Result<> filled = co_await fill(deadline);
    if (!filled || std::chrono::steady_clock::now() > deadline) co_return;
    read += input_.size();
  }
}

}  // namespace wasat::http
