#include "net/resolver.h"

#include <ares.h>
#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_map>

namespace wasat::net {
namespace {

void set_port(Address& address, std::uint16_t port) {
  if (address.storage.ss_family == AF_INET) {
    reinterpret_cast<sockaddr_in&>(address.storage).sin_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in6&>(address.storage).sin6_port = htons(port);
  }
}

bool parse_literal(const std::string& host, Address& address) {
  auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    address.size = sizeof v4;
    return true;
  }
  auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
  if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    address.size = sizeof v6;
    return true;
  }
  return false;
}

constexpr std::chrono::milliseconds kTimeoutCheck{200};

}  // namespace

struct Resolver::Impl {
  explicit Impl(Loop& owner);
  ~Impl();

  // A question under way; it outlives a caller who stops waiting.
  struct Query : TimerEntry, Cancel::Hook, std::enable_shared_from_this<Query> {
    virtual ~Query() = default;
    void expired() override { leave(); }
    void cancelled() override { leave(); }
    void leave() {
      TimerWheel::remove(*this);
      if (cancel != nullptr) cancel->unwatch(*this);
      if (waiting) std::exchange(waiting, nullptr).resume();
    }

    Impl* impl = nullptr;
    std::string host;
    Cancel* cancel = nullptr;
    std::coroutine_handle<> waiting;
    bool answered = false;
    std::string failure;
    std::vector<Address> addresses;
  };

  // A socket of c-ares's, which opens and closes it.
  struct Watch final : Readiness::Watcher {
    Watch(Impl& owner, int descriptor) : impl(owner), fd(descriptor) {}
    void on_ready(bool readable, bool writable, bool) override {
      ares_process_fd(impl.channel, readable ? fd : ARES_SOCKET_BAD,
                      writable ? fd : ARES_SOCKET_BAD);
    }
    Impl& impl;
    const int fd;
  };

  // c-ares's own time-outs, checked while questions are open.
  struct Tick final : TimerEntry {
    explicit Tick(Impl& owner) : impl(owner) {}
    void expired() override {
      ares_process_fd(impl.channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
      if (impl.open > 0) impl.schedule_tick();
    }
    Impl& impl;
  };

  struct Cached {
    TimePoint until;
    std::vector<Address> addresses;
  };

  void schedule_tick() { loop.schedule(tick, std::chrono::steady_clock::now() + kTimeoutCheck); }
  static void on_socket(void* self, ares_socket_t fd, int read, int write);
  static void on_answer(void* query, int status, int timeouts, ares_addrinfo* answer);

  Loop& loop;
  ares_channel channel = nullptr;
  int open = 0;
  Tick tick{*this};
  std::unordered_map<int, std::unique_ptr<Watch>> watches;
  std::unordered_map<std::string, Cached> cache;
};

Resolver::Impl::Impl(Loop& owner) : loop(owner) {
  static std::once_flag once;
  std::call_once(once, [] { ares_library_init(ARES_LIB_INIT_ALL); });
  ares_options options{};
  options.sock_state_cb = on_socket;
  options.sock_state_cb_data = this;
  options.timeout = 2000;
  options.tries = 3;
  ares_init_options(&channel, &options,
                    ARES_OPT_SOCK_STATE_CB | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES);
}

Resolver::Impl::~Impl() { ares_destroy(channel); }

void Resolver::Impl::on_socket(void* self, ares_socket_t fd, int read, int write) {
  auto& impl = *static_cast<Impl*>(self);
  auto found = impl.watches.find(fd);
  if (read == 0 && write == 0) {
    if (found == impl.watches.end()) return;
    impl.loop.readiness().retire(fd, std::move(found->second));
    impl.watches.erase(found);
    return;
  }
  if (found == impl.watches.end()) {
    found = impl.watches.emplace(fd, std::make_unique<Watch>(impl, fd)).first;
  }
  impl.loop.readiness().watch_level(fd, read != 0, write != 0, *found->second);
}

void Resolver::Impl::on_answer(void* argument, int status, int, ares_addrinfo* answer) {
  const std::unique_ptr<std::shared_ptr<Query>> owned(
      static_cast<std::shared_ptr<Query>*>(argument));
  const std::shared_ptr<Query>& query = *owned;
  Impl& impl = *query->impl;
  --impl.open;
  query->answered = true;
  if (status != ARES_SUCCESS) {
    query->failure = ares_strerror(status);
  } else {
    int ttl = static_cast<int>(kLongest.count());
    for (const ares_addrinfo_node* node = answer->nodes; node != nullptr; node = node->ai_next) {
      if (node->ai_addrlen > sizeof(sockaddr_storage)) continue;
      Address address;
      std::memcpy(&address.storage, node->ai_addr, node->ai_addrlen);
      address.size = node->ai_addrlen;
      query->addresses.push_back(address);
      ttl = std::min(ttl, node->ai_ttl);
    }
    const auto kept = std::clamp(std::chrono::seconds(ttl), kShortest, kLongest);
    impl.cache[query->host] = {std::chrono::steady_clock::now() + kept, query->addresses};
    ares_freeaddrinfo(answer);
  }
  // From the loop, never from inside c-ares.
  impl.loop.post([query] { query->leave(); });
}

Resolver::Resolver(Loop& loop) : impl_(std::make_unique<Impl>(loop)) {}
Resolver::~Resolver() = default;

Task<Result<std::vector<Address>>> Resolver::resolve(std::string host, std::uint16_t port,
                                                     TimePoint deadline, Cancel* cancel) {
  std::vector<Address> addresses;
  if (Address literal; parse_literal(host, literal)) {
    addresses.push_back(literal);
  } else if (const auto known = impl_->cache.find(host);
             known != impl_->cache.end() &&
             known->second.until > std::chrono::steady_clock::now()) {
    addresses = known->second.addresses;
  } else {
    const auto query = std::make_shared<Impl::Query>();
    query->impl = impl_.get();
    query->host = host;
    query->cancel = cancel;
    ares_addrinfo_hints hints{};
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    if (++impl_->open == 1) impl_->schedule_tick();
    ares_getaddrinfo(impl_->channel, host.c_str(), nullptr, &hints, Impl::on_answer,
                     new std::shared_ptr<Impl::Query>(query));
    struct Wait {
      Impl::Query& query;
      Loop& loop;
      TimePoint deadline;
      bool await_ready() const { return query.cancel != nullptr && query.cancel->requested(); }
      void await_suspend(std::coroutine_handle<> handle) {
        query.waiting = handle;
        loop.schedule(query, deadline);
        if (query.cancel != nullptr) query.cancel->watch(query);
      }
      void await_resume() const {}
    };
    Wait wait{*query, impl_->loop, deadline};
    co_await wait;
    query->cancel = nullptr;  // gone with our caller, while the question may go on
    if (!query->answered) {
      if (cancel != nullptr && cancel->requested()) {
        co_return fail(internal_error("cancelled", ErrorKind::kCancelled));
      }
      co_return fail(upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                                    "no name server told the address of " + host + " in time"));
    }
    if (query->addresses.empty()) {
      co_return fail(
          upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                         "cannot find the address of " + host + ": " +
                             (query->failure.empty() ? "the name has none" : query->failure)));
    }
    addresses = query->addresses;
  }
  for (Address& address : addresses) set_port(address, port);
  co_return addresses;
}

}  // namespace wasat::net
