#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <regex>
#include <set>
#include <sstream>
#include <thread>

#include "base/source_folder_test.h"
#include "base/temp_folder.h"
#include "observe/process.h"

namespace wasat::observe {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

LabelLists lists() { return {{"gemini-2.5-flash", "gemini-2.5-pro"}, {"api_key"}}; }

TEST(Metrics, AddsUpWhatTheWorkersCounted) {
  Metrics metrics(2, lists());
  const auto dialect = label_value(Label::kDialect, "openai_chat");
  const auto model = metrics.labels().model("gemini-2.5-pro");
  metrics.shard(0).count(Metric::kRequests, {dialect, model, kOutcomeOk}, 2);
  metrics.shard(1).count(Metric::kRequests, {dialect, model, kOutcomeOk});
  metrics.shard(1).count(Metric::kRequests, {dialect, metrics.labels().model("made-up"),
                                             outcome_value(ErrorKind::kRateLimited)});
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("# TYPE wasat_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("wasat_requests_total{dialect=\"openai_chat\","
                              "model=\"gemini-2.5-pro\",outcome=\"ok\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("wasat_requests_total{dialect=\"openai_chat\","
                              "model=\"other\",outcome=\"rate_limited\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("dialect=\"gemini\"")));
}

TEST(Metrics, GaugesGoUpAndDownOverWorkers) {
  Metrics metrics(2, lists());
  metrics.shard(0).change(Metric::kStreamsOpen, 3);
  metrics.shard(1).change(Metric::kStreamsOpen, -1);
  EXPECT_THAT(metrics.render(), HasSubstr("\nwasat_streams_open 2\n"));
  metrics.shard(1).change(Metric::kStreamsOpen, -2);
  EXPECT_THAT(metrics.render(), HasSubstr("\nwasat_streams_open 0\n"));
}

TEST(Metrics, HistogramsAreCumulative) {
  Metrics metrics(1, lists());
  Shard& shard = metrics.shard(0);
  shard.observe(Metric::kRequestDuration, milliseconds(10), {0, kOutcomeOk});  // bounds belong
  shard.observe(Metric::kRequestDuration, milliseconds(11), {0, kOutcomeOk});
  shard.observe(Metric::kRequestDuration, std::chrono::minutes(5), {0, kOutcomeOk});
  const std::string text = metrics.render();
  const std::string head =
      "wasat_request_duration_seconds_bucket{dialect=\"gemini\",outcome=\"ok\",";
  EXPECT_THAT(text, HasSubstr(head + "le=\"0.01\"} 1\n"));
  EXPECT_THAT(text, HasSubstr(head + "le=\"0.02\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(head + "le=\"81.92\"} 2\n"));
  EXPECT_THAT(text, HasSubstr(head + "le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("_sum{dialect=\"gemini\",outcome=\"ok\"} 300.021"));
  EXPECT_THAT(text, HasSubstr("_count{dialect=\"gemini\",outcome=\"ok\"} 3\n"));
}

TEST(Metrics, OverheadHasFineBuckets) {
  Metrics metrics(1, lists());
  metrics.shard(0).observe(Metric::kOverhead, microseconds(15),
                           {static_cast<std::uint16_t>(Phase::kFirstChunk)});
  EXPECT_THAT(metrics.render(),
              HasSubstr("wasat_overhead_seconds_bucket{phase=\"first_chunk\",le=\"2e-05\"} 1\n"));
}

TEST(Metrics, AValueOutOfRangeIsBounded) {
  Metrics metrics(1, lists());
  metrics.shard(0).count(Metric::kRequests, {999, 999, 999});
  EXPECT_THAT(metrics.render(), HasSubstr("dialect=\"other\""));
}

TEST(Metrics, ModelsAreBounded) {
  std::vector<std::string> models;
  models.reserve(1000);
  for (int i = 0; i < 1000; ++i) models.push_back("m" + std::to_string(i));
  const LabelLists many(models, {});
  EXPECT_EQ(many.count(Label::kModel), LabelLists::kMaxModels + 1);
  EXPECT_NE(many.model("m63"), 0);
  EXPECT_EQ(many.model("m64"), 0);
}

TEST(Metrics, CollectorsAnswerAtTheTimeOfScraping) {
  Metrics metrics(1, lists());
  double ready = 4;
  metrics.add_collector([&](Samples& samples) {
    samples.add(Metric::kCredentials, ready, {"api_key", "rea\"dy\n"});
  });
  metrics.add_collector(collect_process);
  ready = 5;
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("wasat_credentials{pool=\"api_key\",state=\"rea\\\"dy\\n\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("wasat_build_info{version=\"" WASAT_VERSION "\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("\nprocess_open_fds "));
  EXPECT_THAT(text, Not(HasSubstr("\nprocess_resident_memory_bytes 0\n")));
}

// Every line is a comment or a sample; every name is announced once.
TEST(Metrics, TheTextIsWellFormed) {
  Metrics metrics(1, lists());
  metrics.add_collector(collect_process);
  metrics.shard(0).observe(Metric::kTimeToFirstToken, milliseconds(200), {1, 1});
  const std::regex sample(
      R"re([a-z_]+(\{[a-z]+="([^"\\]|\\.)*"(,[a-z]+="([^"\\]|\\.)*")*\})? -?[0-9.e+-]+)re");
  std::set<std::string> names;
  std::istringstream lines(metrics.render());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# HELP ")) {
      EXPECT_TRUE(names.insert(line.substr(7, line.find(' ', 7) - 7)).second) << line;
    } else if (!line.starts_with("# TYPE ")) {
      EXPECT_TRUE(std::regex_match(line, sample)) << line;
    }
  }
  EXPECT_EQ(names.size(), kMetricCount);
}

TEST(Metrics, MayBeReadWhileTheyAreCounted) {
  Metrics metrics(1, lists());
  std::thread worker([&] {
    for (int i = 0; i < 20000; ++i) metrics.shard(0).count(Metric::kUpstreamRetries, {2});
  });
  for (int i = 0; i < 20; ++i) metrics.render();
  worker.join();
  EXPECT_THAT(metrics.render(), HasSubstr("} 20000\n"));
}

TEST(MetricTable, FollowsTheNamingRules) {
  for (const MetricRow& row : metric_table()) {
    EXPECT_TRUE(row.name.starts_with("wasat_") || row.name.starts_with("process_")) << row.name;
    EXPECT_EQ(row.name.ends_with("_total"), row.type == MetricType::kCounter) << row.name;
    EXPECT_EQ(row.buckets != Buckets::kNone, row.type == MetricType::kHistogram) << row.name;
    EXPECT_TRUE(row.help.ends_with('.')) << row.name;
  }
}

// After a change of the table, run this test with WASAT_UPDATE_DOCS=1.
TEST(MetricTable, DocsAreUpToDate) {
  const std::string path = test::source_folder() / "docs/metrics.md";
  if (std::getenv("WASAT_UPDATE_DOCS") != nullptr) write_file(path, metrics_markdown());
  EXPECT_EQ(read_file(path), metrics_markdown())
      << "docs/metrics.md is not what the table says: run unit_tests with WASAT_UPDATE_DOCS=1";
}

}  // namespace
}  // namespace wasat::observe
