#include "admin/job_pages.h"

#include "admin/context.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

Answer list_jobs(Context& context, Call&) {
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const std::shared_ptr<Job>& job : context.jobs.all()) write_job(writer, *job);
  writer.end_array()
      .key("next")
      .null()
      .member("total", static_cast<std::int64_t>(context.jobs.all().size()))
      .end_object();
  return reply;
}

Answer show_job(Context& context, Call& call) {
  const std::shared_ptr<Job> job = context.jobs.find(call.parameters[0]);
  if (job == nullptr) return refuse(not_found("job", call.parameters[0]));
  Reply reply;
  json::Writer writer(reply.body);
  write_job(writer, *job);
  return reply;
}

Answer cancel_job(Context& context, Call& call) {
  call.target = call.parameters[0];
  const std::shared_ptr<Job> job = context.jobs.find(call.parameters[0]);
  if (job == nullptr) return refuse(not_found("job", call.parameters[0]));
  job->cancel = true;
  return no_content();
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/jobs", .handle = list_jobs},
    {.method = "GET", .path = "/jobs/{id}", .handle = show_job},
    {.method = "DELETE", .path = "/jobs/{id}", .action = "job.cancel", .handle = cancel_job},
};

}  // namespace

std::span<const Route> job_routes() { return kRoutes; }

Answer job_answer(const Job& job) {
  if (job.state == Job::State::kFailed) {
    return refuse({.status = 503, .code = "failed", .message = job.problem});
  }
  Reply reply;
  if (job.state == Job::State::kDone) {
    reply.body = job.result;
    return reply;
  }
  reply.status = 202;
  reply.headers.emplace_back("Location", "/api/admin/v1/jobs/" + job.id);
  json::Writer writer(reply.body);
  writer.begin_object().key("job");
  write_job(writer, job);
  writer.end_object();
  return reply;
}

}  // namespace wasat::admin
