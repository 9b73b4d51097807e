#include "admin/verify_credentials.h"

#include <array>

#include "admin/change_credentials.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/job_pages.h"
#include "gateway/background.h"
#include "gateway/health.h"
#include "gateway/shared.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kAtOnce = 8;
// Between two of these somebody may have cancelled the job.
constexpr std::size_t kGroup = 64;
constexpr std::size_t kMostTold = 1000;

// What was found so far; on the admin thread.
struct Findings {
  std::array<std::int64_t, 4> counts{};
  std::int64_t recovered = 0;
  std::vector<gateway::Health> told;  // those that are not well first come first served

  std::string text() const {
    using enum gateway::Health::Finding;
    std::string text;
    json::Writer writer(text);
    writer.begin_object();
    for (const auto finding : {kWell, kLimited, kDefective, kUnknown}) {
      writer.member(gateway::finding_name(finding), counts[static_cast<std::size_t>(finding)]);
    }
    writer.member("recovered", recovered).key("items").begin_array();
    for (const gateway::Health& each : told) {
      writer.begin_object()
          .member("id", each.credential_id)
          .member("finding", gateway::finding_name(each.finding))
          .member("error", each.error)
          .member("milliseconds", static_cast<std::int64_t>(each.took.count()))
          .end_object();
    }
    writer.end_array().end_object();
    return text;
  }
};

struct Verification {
  Context& context;
  std::shared_ptr<Job> job;
  std::vector<pool::CredentialPtr> credentials;
  std::string model;  // empty: the settings'
};

Task<> verify(const gateway::Shared& shared, gateway::Worker& worker,
              std::shared_ptr<Verification> all, Cancel& cancel) {
  net::Compute& thread = all->context.thread;
  Jobs& jobs = all->context.jobs;
  const std::shared_ptr<Job> job = all->job;
  const auto findings = std::make_shared<Findings>();
  // Who asks for it wants a credential that answers to be used, unless a person has disabled it.
  const gateway::Probe probe{
      .model = all->model.empty() ? worker.options.get()->health_model : all->model,
      .enable = false};
  const gateway::HealthTold told = [&thread, job, findings](const gateway::Health& health) {
    thread.post([job, findings, health] {
      ++job->done;
      ++findings->counts[static_cast<std::size_t>(health.finding)];
      findings->recovered += health.recovered ? 1 : 0;
      const bool well = health.finding == gateway::Health::Finding::kWell;
      if (findings->told.size() < kMostTold && (!well || job->total <= kMostTold)) {
        findings->told.push_back(health);
      }
    });
  };
  for (std::size_t from = 0; from < all->credentials.size() && !job->cancel && !cancel.requested();
       from += kGroup) {
    const auto begin = all->credentials.begin() + static_cast<std::ptrdiff_t>(from);
    const std::size_t count = std::min(kGroup, all->credentials.size() - from);
    const std::vector<pool::CredentialPtr> group(begin, begin + static_cast<std::ptrdiff_t>(count));
    co_await gateway::check_many(shared, worker, group, probe, kAtOnce, told, cancel);
  }
  thread.post([&jobs, job, findings] {
    job->result = findings->text();
    jobs.ended(*job, job->done == job->total ? Job::State::kDone : Job::State::kCancelled);
  });
}

Answer start(Context& context, Call& call, std::vector<std::string> ids, std::string model) {
  auto all = std::make_shared<Verification>(Verification{
      .context = context, .job = nullptr, .credentials = {}, .model = std::move(model)});
  for (const std::string& id : ids) {
    pool::CredentialPtr live = context.registry.find_live(id);
    if (live != nullptr) all->credentials.push_back(std::move(live));
  }
  all->job = context.jobs.open("credentials.verify", all->credentials.size());
  call.then = [all](const gateway::Shared& shared, gateway::Worker& worker) {
    worker.background.start(
        [all, &shared, &worker](Cancel& cancel) { return verify(shared, worker, all, cancel); });
  };
  return job_answer(*all->job);
}

std::string read_model(Fields& fields) { return fields.text("model", 200).value_or(""); }

Answer verify_one(Context& context, Call& call) {
  call.target = call.parameters[0];
  if (context.registry.find_live(call.parameters[0]) == nullptr) {
    return refuse(not_found("credential", call.parameters[0]));
  }
  Fields fields(call.body);
  std::string model = read_model(fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  return start(context, call, call.parameters, std::move(model));
}

Answer verify_many(Context& context, Call& call) {
  Fields fields(call.body);
  std::vector<std::string> ids = selected_credentials(context, fields);
  std::string model = read_model(fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  call.target = std::to_string(ids.size()) + " credentials";
  return start(context, call, std::move(ids), std::move(model));
}

constexpr Route kRoutes[] = {
    {.method = "POST",
     .path = "/credentials/{id}/verify",
     .action = "credential.verify",
     .handle = verify_one},
    {.method = "POST",
     .path = "/credentials/verify",
     .action = "credentials.verify",
     .handle = verify_many,
     .most_body = 8u << 20},
};

}  // namespace

std::span<const Route> verify_credentials_routes() { return kRoutes; }

}  // namespace wasat::admin
