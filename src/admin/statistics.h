// The resource /statistics: sums of what was done, from the ledger.
//
//   GET /statistics            the last minute, hour, day and 30 days
//   GET /statistics/series     a window in steps, for charts; of the whole or by key
//   GET /statistics/top        the tokens, credentials, models... of a window with most calls
//   GET /statistics/attention  credentials that need a look

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> statistics_routes();

}  // namespace wasat::admin
