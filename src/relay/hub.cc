#include "relay/hub.h"

#include <algorithm>
#include <unordered_map>

namespace wasat::relay {
namespace {

constexpr std::chrono::seconds kBetweenCounts{1};
// So much of the time may go into publishing: a tenth.
constexpr int kRestsFor = 10;
constexpr std::chrono::milliseconds kLeastRest{5};
// Nodes that are told in one go, so that a worker is not long away from its clients.
constexpr std::size_t kToldAtOnce = 64;
constexpr std::size_t kMostName = 48;
constexpr int kMostTwins = 1000;

// As it may stand in ids, logs and pages.
std::string clean_name(std::string_view name) {
  std::string clean;
  for (const char c : name.substr(0, kMostName)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    clean += plain ? c : '-';
  }
  return clean;
}

std::chrono::sys_time<std::chrono::milliseconds> milliseconds(Clock::Wall time) {
  return std::chrono::floor<std::chrono::milliseconds>(time);
}

// A worker's nodes, told a few at a time.
struct Telling {
  net::Loop* loop;
  std::vector<std::shared_ptr<NodeSeat>> seats;
  std::size_t count;

  static void go_on(std::unique_ptr<Telling> telling) {
    for (std::size_t i = 0; i < kToldAtOnce && !telling->seats.empty(); ++i) {
      const std::shared_ptr<NodeSeat> seat = std::move(telling->seats.back());
      telling->seats.pop_back();
      if (NodeEnd* end = seat->end()) end->tell_count(telling->count);
    }
    if (telling->seats.empty()) return;
    net::Loop& loop = *telling->loop;
    loop.post([telling = std::move(telling)]() mutable { go_on(std::move(telling)); });
  }
};

}  // namespace

Hub::Hub(pool::Pool& pool, const Clock& clock, Options options)
    : pool_(pool),
      clock_(clock),
      options_(std::make_shared<const Options>(options)),
      random_(Random::from_system()),
      publish_at_(clock.now()),
      tell_at_(clock.now()) {}

Hub::~Hub() = default;

void Hub::keep_name(const std::string& id, std::string_view token_id) {
  const std::lock_guard lock(mutex_);
  names_.keep(id, token_id);
}

void Hub::configure(Options options) {
  options_.publish(std::make_shared<const Options>(options));
  if (options.enabled) return;
  std::vector<std::shared_ptr<NodeSeat>> seats;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, member] : members_) seats.push_back(member.seat);
  }
  for (const std::shared_ptr<NodeSeat>& seat : seats) seat->drain();
}

// Under the lock.
bool Hub::may_have(std::string_view id, std::string_view token_id) const {
  if (members_.contains(id)) return false;
  const std::string_view owner = names_.owner(id);
  return owner.empty() || owner == token_id || (admission_ != nullptr && !admission_->knows(owner));
}

// Under the lock.
std::string Hub::free_id(std::string_view name, const Admitted& admitted,
                         std::shared_ptr<NodeSeat>& replaced) {
  std::string wanted = "relay-" + std::string(name);
  if (may_have(wanted, admitted.token_id)) return wanted;
  const auto taken = members_.find(wanted);
  if (taken != members_.end() && !admitted.token_id.empty() &&
      taken->second.seat->identity().token_id == admitted.token_id) {
    replaced = taken->second.seat;
    return wanted;
  }
  for (int twin = 2; twin < kMostTwins; ++twin) {
    std::string id = wanted + "-" + std::to_string(twin);
    if (may_have(id, admitted.token_id)) return id;
  }
  return wanted + "-" + random_.id(10);
}

Result<std::shared_ptr<NodeSeat>> Hub::join(Newcomer newcomer) {
  const std::shared_ptr<const Options> options = options_.get();
  if (!options->enabled) {
    return fail(internal_error("relay nodes are not served here", ErrorKind::kUnavailable));
  }
  std::shared_ptr<NodeSeat> seat;
  std::shared_ptr<NodeSeat> replaced;
  bool name_taken = false;
  {
    const std::lock_guard lock(mutex_);
    std::string name = clean_name(newcomer.name);
    const bool has_own_name = !name.empty();
    if (!has_own_name) name = random_.id(5);
    const std::string id = free_id(name, newcomer.admitted, replaced);
    if (replaced == nullptr && members_.size() >= options->most_nodes) {
      return fail(
          internal_error("there are as many relay nodes as there may be", ErrorKind::kRateLimited));
    }
    seat = std::make_shared<NodeSeat>(NodeSeat::Identity{.id = id,
                                                         .name = name,
                                                         .protocol = std::move(newcomer.protocol),
                                                         .address = std::move(newcomer.address),
                                                         .token_id = newcomer.admitted.token_id,
                                                         .since = milliseconds(clock_.wall()),
                                                         .worker = newcomer.worker},
                                      newcomer.loop);
    seat->counts().last_heard = seat->identity().since.time_since_epoch().count();
    auto credential = std::make_shared<NodeCredential>(
        pool::CredentialIdentity{.id = id,
                                 .provider = std::string(kProvider),
                                 .name = name,
                                 .secret = {},
                                 .proxy = nullptr,
                                 .tier = std::nullopt,
                                 .weight = std::max(newcomer.admitted.weight, 1U),
                                 .most_leases = newcomer.admitted.most_running,
                                 .transient = true},
        seat);
    had_any_ = true;
    std::erase(left_, id);
    joined_.push_back(credential);
    name_taken = has_own_name && names_.keep(id, newcomer.admitted.token_id);
    Member& member = members_[id];
    member = {.seat = seat,
              .credential = std::move(credential),
              .has_own_name = has_own_name,
              .in_pool = member.in_pool};
    if (replaced != nullptr) replaced_.push_back(std::move(replaced));
    ++of_the_past_.joined;
    has_changed_ = true;
  }
  changed_.notify_one();
  if (listener_ != nullptr) {
    const NodeStatus status = seat->status();
    listener_->joined(status);
    if (name_taken) listener_->name_taken(status);
  }
  return seat;
}

void Hub::retire(const NodeSeat& seat) {
  std::shared_ptr<NodeCredential> credential;
  {
    const std::lock_guard lock(mutex_);
    const auto found = members_.find(seat.identity().id);
    if (found == members_.end() || found->second.seat.get() != &seat) return;
    credential = found->second.credential;
  }
  pool_.retire(*credential);
}

void Hub::leave(const std::shared_ptr<NodeSeat>& seat, std::string_view why) {
  retire(*seat);
  const NodeStatus status = seat->status();
  {
    const std::lock_guard lock(mutex_);
    of_the_past_.add(status);
    const auto found = members_.find(seat->identity().id);
    // Another one may have its name.
    if (found != members_.end() && found->second.seat == seat) {
      const pool::CredentialPtr credential = std::move(found->second.credential);
      if (found->second.has_own_name) names_.keep(found->first, seat->identity().token_id);
      if (found->second.in_pool) {
        --in_pool_;
        count_changed_ = true;
      }
      members_.erase(found);
      std::erase(joined_, credential);
      left_.push_back(seat->identity().id);
    }
    has_changed_ = true;
  }
  changed_.notify_one();
  if (listener_ != nullptr) listener_->left(status, why);
}

std::vector<NodeStatus> Hub::nodes() const {
  std::vector<NodeStatus> all;
  const std::lock_guard lock(mutex_);
  all.reserve(members_.size());
  for (const auto& [id, member] : members_) all.push_back(member.seat->status());
  return all;
}

std::size_t Hub::node_count() const {
  const std::lock_guard lock(mutex_);
  return in_pool_;
}

std::size_t Hub::running() const {
  std::size_t sum = 0;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, member] : members_) sum += member.seat->counts().running;
  return sum;
}

NodeTotals Hub::totals() const {
  const std::lock_guard lock(mutex_);
  NodeTotals sum = of_the_past_;
  for (const auto& [id, member] : members_) sum.add(member.seat->status());
  return sum;
}

std::shared_ptr<NodeSeat> Hub::find(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = members_.find(id);
  return found != members_.end() ? found->second.seat : nullptr;
}

bool Hub::drain(std::string_view id) {
  const std::shared_ptr<NodeSeat> seat = find(id);
  if (seat != nullptr) seat->drain();
  return seat != nullptr;
}

bool Hub::disconnect(std::string_view id, std::string_view why) {
  const std::shared_ptr<NodeSeat> seat = find(id);
  if (seat != nullptr) seat->close(1008, std::string(why));
  return seat != nullptr;
}

Clock::Steady Hub::attend() {
  std::unique_lock lock(mutex_);
  has_changed_ = false;
  const Clock::Steady now = clock_.now();
  Clock::Steady next = Clock::Steady::max();
  if (joined_.empty() && left_.empty()) {
    publish_at_ = std::min(publish_at_, now);
  } else if (now < publish_at_) {
    return publish_at_;  // nodes are counted when they can serve
  } else {
    lock.unlock();
    publish();
    lock.lock();
    const Clock::Steady then = clock_.now();
    publish_at_ = then + std::max<Clock::Steady::duration>(kRestsFor * (then - now), kLeastRest);
  }
  if (count_changed_ && now >= tell_at_) {
    count_changed_ = false;
    tell_at_ = now + kBetweenCounts;
    lock.unlock();
    tell_count();
    lock.lock();
  } else if (count_changed_) {
    next = tell_at_;
  }
  return has_changed_ ? now : next;
}

void Hub::wait_for_change(Clock::Steady until) {
  std::unique_lock lock(mutex_);
  const auto changed = [this] { return has_changed_ || stopped_; };
  if (until == Clock::Steady::max()) {
    changed_.wait(lock, changed);
  } else {
    changed_.wait_until(lock, until, changed);
  }
}

void Hub::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
}

void Hub::publish() {
  pool::CredentialList joined;
  std::vector<std::string> left;
  std::vector<std::shared_ptr<NodeSeat>> replaced;
  {
    const std::lock_guard lock(mutex_);
    joined.swap(joined_);
    left.swap(left_);
    replaced.swap(replaced_);
  }
  if (!left.empty()) pool_.remove(left);
  if (!joined.empty()) pool_.put(joined);
  count(joined);
  // What they had to do finds who came for them.
  for (const std::shared_ptr<NodeSeat>& seat : replaced) {
    seat->close(1000, "another connection has come with this node's name and token");
  }
}

// Those that the pool has now. They want to hear the count, new or not.
void Hub::count(const pool::CredentialList& joined) {
  const std::lock_guard lock(mutex_);
  for (const pool::CredentialPtr& credential : joined) {
    const auto found = members_.find(credential->id());
    if (found == members_.end()) continue;
    count_changed_ = true;
    if (found->second.in_pool) continue;
    found->second.in_pool = true;
    ++in_pool_;
  }
}

void Hub::tell_count() {
  std::unordered_map<net::Loop*, std::unique_ptr<Telling>> by_loop;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [id, member] : members_) {
      net::Loop* const loop = member.seat->loop();
      if (loop == nullptr) continue;
      std::unique_ptr<Telling>& telling = by_loop[loop];
      if (telling == nullptr) telling = std::make_unique<Telling>(loop);
      telling->seats.push_back(member.seat);
      telling->count = in_pool_;
    }
  }
  for (auto& [its_loop, its_nodes] : by_loop) {
    its_loop->post(
        [telling = std::move(its_nodes)]() mutable { Telling::go_on(std::move(telling)); });
  }
}

}  // namespace wasat::relay
