// Seat: one worker's place at the pool.
//
// Has the worker's own view of the pool's snapshots, its random numbers, and what
// it has not yet added to the pool's common counts. Used by its worker alone;
// outlives the leases taken from it, and ends before the pool.

#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/task.h"
#include "pool/pool.h"

namespace wasat::pool {

// What a worker knows of one model.
struct SeatModel {
  SeatModel(std::string_view its_name, std::size_t its_hash, Pace& its_pace)
      : name(its_name), hash(its_hash), pace(its_pace) {}
  const std::string name;
  const std::size_t hash;
  Pace& pace;
  // Not yet added to the pace.
  std::array<std::uint8_t, 16> first_chunks{};
  std::uint32_t first_chunk_count = 0;
  std::uint32_t successes = 0;
};

class Seat {
 public:
  // `loop` may be null: then nobody waits.
  Seat(Pool& pool, net::Loop* loop, Random random);
  ~Seat();
  Seat(const Seat&) = delete;
  Seat& operator=(const Seat&) = delete;

  // A credential for one attempt. Errors: kNoCredential (none exists or all are
  // disabled), kRateLimited or kQuotaExhausted with retry_after (all rest or are busy),
  // kCancelled. Waits for one within the demand's deadline when that may help. With
  // Demand::only the errors are about that one. What the demand points to lives until
  // the end.
  WASAT_OWN_FRAME Task<Result<Lease>> lease(Demand demand);
  // The same without waiting.
  Result<Lease> try_lease(const Demand& demand);
  // Of a health check: at once, whatever is known of the credential, which the caller
  // holds. Its outcome counts as any other's.
  Lease probe(const CredentialPtr& credential, std::string_view model);
  Pool& pool() { return pool_; }
  // For the model: all but five in a hundred first chunks come sooner. Zero: unknown.
  std::chrono::nanoseconds late_first_chunk(std::string_view model);

 private:
  friend class Lease;
  static constexpr std::size_t kMostModels = 64;

  ModelName named(std::string_view model) const;
  Credential* take(const Roster& roster, const Demand& demand, const ModelName& model, Ticks now,
                   bool& probes);
  Result<Lease> lease_of(Credential& taken, bool probes, const Demand& demand,
                         const ModelName& model, Ticks now);
  Credential* choose(const Roster& roster, const Demand& demand, const ModelName& model, Ticks now,
                     bool& probes);
  Credential* choose_in_tier(const Roster& roster, Candidates& candidates, const Tier& tier,
                             const Demand& demand, const ModelName& model, bool& probes);
  Credential* by_affinity(const Roster& roster, const Tier& tier, const Demand& demand,
                          const ModelName& model, Ticks now, bool& probes);
  bool acquire(Credential& credential, std::string_view model, Ticks now, bool& probes);
  Credential* acquire_id(const Roster& roster, std::string_view id, const Demand& demand, Ticks now,
                         bool& probes);
  float fair_share(Ticks now);

  void settle(Lease& lease, const Outcome& outcome);
  void settle_success(Lease& lease, SeatModel& model, Ticks now);
  SeatModel* know(const ModelName& model, bool make);
  static void hand_over(SeatModel& model, Ticks now);

  Pool& pool_;
  net::Loop* const loop_;
  Random random_;
  Snapshot<Roster>::Reader roster_;
  Snapshot<PoolOptions>::Reader options_;
  Candidates::Room room_;
  std::vector<std::unique_ptr<SeatModel>> models_;
  SeatModel* last_model_ = nullptr;
  Pool::SeatPart part_;
  float fair_share_ = 0;
  Ticks fair_share_at_ = 0;
};

}  // namespace wasat::pool
