// Many workers at once, while credentials come, go and change: for the thread
// sanitizer, and for what must add up in the end.

#include <list>
#include <thread>

#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

class Threads : public PoolCase {
 protected:
  static constexpr std::size_t kWorkers = 3;
  static constexpr int kLeases = 4000;

  void work(std::uint64_t seed, std::atomic<std::uint64_t>& settled) {
    Seat seat(*pool_, nullptr, Random(seed));
    Random random(seed);
    std::list<Lease> held;
    for (int i = 0; i < kLeases; ++i) {
      const std::string_view model = random.below(2) == 0 ? "m1" : "m2";
      Result<Lease> leased = seat.try_lease({.providers = kProviders,
                                             .model = model,
                                             .affinity = random.below(2) * random.below(50)});
      if (leased) {
        EXPECT_FALSE(leased->credential().id().empty());
        held.push_back(std::move(*leased));
      }
      if (held.size() < 5 && random.below(3) > 0) continue;
      if (held.empty()) continue;
      const auto at =
          std::next(held.begin(), static_cast<std::ptrdiff_t>(random.below(held.size())));
      Lease& one = *at;
      ++settled;
      switch (random.below(10)) {
        case 0:
          one.settle(Outcome::failed(slow_down("2s")));
          break;
        case 1:
          one.settle(Outcome::failed(bare_429()));
          break;
        case 2:
          one.settle(Outcome::failed(broken()));
          break;
        case 3:
          one.settle(Outcome::abandoned());
          --settled;
          break;
        default:
          one.note_first_chunk(clock_.now() + std::chrono::milliseconds(300));
          one.settle(Outcome::success());
      }
      held.erase(at);
    }
  }
};

TEST_F(Threads, NothingIsLost) {
  pool_ = std::make_unique<Pool>(clock_, PoolOptions(), nullptr);
  CredentialList all;
  for (std::size_t i = 1; i <= 200; ++i) {
    all.push_back(make(i, {.most_leases = static_cast<std::uint32_t>(i % 4)}));
  }
  pool_->replace(all);
  std::atomic<std::uint64_t> settled{0};
  std::atomic<std::size_t> running{kWorkers};
  std::vector<std::thread> workers;
  for (std::size_t i = 0; i < kWorkers; ++i) {
    workers.emplace_back([this, i, &settled, &running] {
      work(i + 1, settled);
      --running;
    });
  }
  Random random(99);
  while (running > 0) {
    clock_.advance(std::chrono::milliseconds(50));
    pool_->tick();
    switch (random.below(5)) {
      case 0:
        pool_->remove(std::vector<std::string>{std::to_string(random.below(200) + 1)});
        break;
      case 1:
        pool_->put({all[random.below(200)]});
        break;
      case 2:
        pool_->reset(*all[random.below(200)]);
        break;
      case 3:
        pool_->configure({.policy = static_cast<Policy>(random.below(5))});
        break;
      default:
        (void)pool_->take_changed();
        EXPECT_EQ(pool_->census().all, pool_->credentials()->size());
    }
    std::this_thread::yield();
  }
  for (std::thread& worker : workers) worker.join();
  std::uint64_t attempts = 0;
  for (const CredentialPtr& each : all) {
    EXPECT_EQ(each->leased(), 0u) << each->id();
    attempts += each->counters().attempts();
  }
  EXPECT_EQ(attempts, settled);
  for (const CredentialPtr& each : all) pool_->reset(*each);
  pool_->replace(all);
  EXPECT_EQ(pool_->census().ready, 200u);
}

}  // namespace
}  // namespace wasat::pool
