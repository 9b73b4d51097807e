#include "admin/jobs.h"

#include <algorithm>

#include "admin/write_json.h"
#include "base/random.h"

namespace wasat::admin {
namespace {

// So many are remembered after their end.
constexpr std::size_t kMostRemembered = 100;

std::string_view name_of(Job::State state) {
  switch (state) {
    case Job::State::kRunning:
      return "running";
    case Job::State::kDone:
      return "done";
    case Job::State::kFailed:
      return "failed";
    case Job::State::kCancelled:
      return "cancelled";
  }
  return "failed";
}

}  // namespace

std::shared_ptr<Job> Jobs::open(std::string kind, std::size_t total) {
  auto job = std::make_shared<Job>();
  job->id = std::string(secure_text(16).reveal());
  job->kind = std::move(kind);
  job->total = total;
  job->started = store::to_time(clock_.wall());
  jobs_.push_front(job);
  while (jobs_.size() > kMostRemembered && jobs_.back()->state != Job::State::kRunning) {
    jobs_.pop_back();
  }
  return job;
}

void Jobs::ended(Job& job, Job::State state) {
  job.state = state;
  job.ended = store::to_time(clock_.wall());
}

std::shared_ptr<Job> Jobs::start(std::string kind, std::size_t total, Step step) {
  std::shared_ptr<Job> job = open(std::move(kind), total);
  advance(job, std::move(step));
  return job;
}

void Jobs::advance(std::shared_ptr<Job> job, Step step) {
  if (job->cancel || stopping_) return ended(*job, Job::State::kCancelled);
  if (step(*job)) {
    return ended(*job, job->problem.empty() ? Job::State::kDone : Job::State::kFailed);
  }
  thread_.post([this, job = std::move(job), step = std::move(step)]() mutable {
    advance(std::move(job), std::move(step));
  });
}

std::shared_ptr<Job> Jobs::find(std::string_view id) const {
  const auto found = std::ranges::find(jobs_, id, [](const auto& job) { return job->id; });
  return found == jobs_.end() ? nullptr : *found;
}

void write_job(json::Writer& writer, const Job& job) {
  writer.begin_object()
      .member("id", job.id)
      .member("kind", job.kind)
      .member("state", name_of(job.state))
      .member("total", static_cast<std::int64_t>(job.total))
      .member("done", static_cast<std::int64_t>(job.done));
  writer.key("result");
  if (job.result.empty()) {
    writer.null();
  } else {
    writer.raw(job.result);
  }
  text_or_null(writer, "problem", job.problem);
  time_member(writer, "started", job.started);
  time_member(writer, "ended", job.ended);
  writer.end_object();
}

}  // namespace wasat::admin
