// The resource /jobs: how far long work is.

#pragma once

#include <span>

#include "admin/jobs.h"
#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> job_routes();

// What a request that started a job answers: its result with 200 when it is complete already,
// else the job with 202.
Answer job_answer(const Job& job);

}  // namespace wasat::admin
