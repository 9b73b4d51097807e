#include "account/past_use.h"

#include <map>

#include "account/windows.h"

namespace wasat::account {

Result<> restore_past_use(Meter& meter, store::Ledger& ledger, Clock::Wall now,
                          std::string_view token_id) {
  std::map<std::string, Standing> past;
  const store::Time until = store::to_time(next_day(now));
  std::vector<std::string> only;
  if (!token_id.empty()) only.emplace_back(token_id);
  const auto each_since = [&](Clock::Wall since, auto&& add) -> Result<> {
    Result<std::vector<store::UsageSum>> sums = ledger.usage(
        store::to_time(since), until, store::UsageStep::kWhole, store::UsageKey::kToken, only);
    if (!sums) return fail(std::move(sums.error()));
    for (const store::UsageSum& sum : *sums) {
      if (sum.key.empty()) continue;
      add(past[sum.key], sum);
    }
    return {};
  };
  Result<> read = each_since(
      {}, [](Standing& standing, const store::UsageSum& sum) { standing.cost_total += sum.cost; });
  if (!read) return read;
  read = each_since(
      std::chrono::sys_days(month_at(now) / 1),
      [](Standing& standing, const store::UsageSum& sum) { standing.cost_this_month += sum.cost; });
  if (!read) return read;
  read = each_since(std::chrono::floor<std::chrono::days>(now),
                    [](Standing& standing, const store::UsageSum& sum) {
                      // What failed was given back.
                      standing.requests_today += sum.requests - sum.failures;
                      standing.input_today += sum.input;
                      standing.cost_today += sum.cost;
                    });
  if (!read) return read;
  for (const auto& [id, standing] : past) meter.restore(id, standing);
  return {};
}

}  // namespace wasat::account
