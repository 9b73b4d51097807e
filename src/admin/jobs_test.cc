#include "admin/jobs.h"

#include <gtest/gtest.h>

#include <future>

namespace wasat::admin {
namespace {

class AdminJobs : public testing::Test {
 protected:
  // Does `work` on the admin thread, behind what was posted before.
  void on_thread(const std::function<void()>& work) {
    std::promise<void> done;
    thread_->post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  ManualClock clock_;
  std::unique_ptr<net::Compute> thread_ = std::make_unique<net::Compute>();
  Jobs jobs_{clock_, *thread_};
};

Jobs::Step steps_of(int count) {
  return [left = count](Job& job) mutable {
    ++job.done;
    if (--left > 0) return false;
    job.result = "{}";
    return true;
  };
}

TEST_F(AdminJobs, SmallWorkIsCompleteAtOnce) {
  on_thread([&] {
    const auto job = jobs_.start("x", 1, steps_of(1));
    EXPECT_EQ(job->state, Job::State::kDone);
    EXPECT_EQ(jobs_.find(job->id), job);
  });
}

TEST_F(AdminJobs, OthersComeBetweenTheSteps) {
  std::shared_ptr<Job> job;
  std::size_t seen = 0;
  on_thread([&] {
    job = jobs_.start("x", 3, steps_of(3));
    thread_->post([&] { seen = job->done; });  // behind the second step, before the third
    EXPECT_EQ(job->state, Job::State::kRunning);
  });
  on_thread([] {});
  on_thread([&] { EXPECT_EQ(job->state, Job::State::kDone); });
  EXPECT_EQ(seen, 2u);
}

TEST_F(AdminJobs, EndWhenSomebodyWantsIt) {
  std::shared_ptr<Job> cancelled;
  std::shared_ptr<Job> failed;
  on_thread([&] {
    cancelled = jobs_.start("x", 1000, steps_of(1000));
    cancelled->cancel = true;
    failed = jobs_.start("y", 1, [](Job& job) {
      job.problem = "the disk is full";
      return true;
    });
  });
  on_thread([&] {
    EXPECT_EQ(cancelled->state, Job::State::kCancelled);
    EXPECT_EQ(cancelled->done, 1u);
    EXPECT_EQ(failed->state, Job::State::kFailed);
  });
}

TEST_F(AdminJobs, GoNoFurtherWhenTheProcessEnds) {
  std::shared_ptr<Job> job;
  on_thread([&] {
    job = jobs_.start("x", 1'000'000'000, steps_of(1'000'000'000));
    jobs_.stop();
  });
  thread_.reset();
  EXPECT_EQ(job->state, Job::State::kCancelled);
}

}  // namespace
}  // namespace wasat::admin
