// Jobs: work that takes longer than a request should, done in steps on the admin thread, so
// that other requests come between them. The end of the process ends them.
//
// Owned by Administration; belongs to the admin thread.

#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "json/writer.h"
#include "net/compute.h"
#include "store/records.h"

namespace wasat::admin {

struct Job {
  enum class State : std::uint8_t { kRunning, kDone, kFailed, kCancelled };
  std::string id;
  std::string kind;  // "credentials.add"
  State state = State::kRunning;
  std::size_t total = 0;
  std::size_t done = 0;
  std::string result;   // JSON, when it is done
  std::string problem;  // when it failed
  store::Time started;
  store::Time ended;
  std::atomic<bool> cancel = false;  // somebody wants it to end; any thread may look
};

class Jobs {
 public:
  // Does some of the job; true: it is complete, or has failed. Called again and again.
  using Step = std::move_only_function<bool(Job& job)>;

  // `clock` and `thread` outlive this.
  Jobs(const Clock& clock, net::Compute& thread) : clock_(clock), thread_(thread) {}

  // The first step is done at once, so that small work is complete when this returns.
  std::shared_ptr<Job> start(std::string kind, std::size_t total, Step step);
  // One that others advance: they call ended() on the admin thread.
  std::shared_ptr<Job> open(std::string kind, std::size_t total);
  void ended(Job& job, Job::State state);

  // Any thread: no step begins any more.
  void stop() { stopping_ = true; }

  std::shared_ptr<Job> find(std::string_view id) const;
  const std::deque<std::shared_ptr<Job>>& all() const { return jobs_; }  // newest first

 private:
  void advance(std::shared_ptr<Job> job, Step step);

  const Clock& clock_;
  net::Compute& thread_;
  std::atomic<bool> stopping_{false};
  std::deque<std::shared_ptr<Job>> jobs_;
};

void write_job(json::Writer& writer, const Job& job);

}  // namespace wasat::admin
