// Metrics: counters per worker, added up when somebody looks.
//
// Owned by composition. Each worker writes to its own Shard only, with plain
// loads and stores; any thread may render. Memory is fixed at the start: a
// metric has a place for each combination of its labels' values, and pages of it
// become resident when they are first counted in.

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "observe/metric_table.h"

namespace wasat::observe {

// Positions of label values, in the order of the metric's labels.
using LabelValues = std::array<std::uint16_t, kMaxLabels>;

// The values of the labels that composition gives.
class LabelLists {
 public:
  static constexpr std::size_t kMaxModels = 64;

  // Models beyond kMaxModels count as "other".
  LabelLists(std::vector<std::string> models, std::vector<std::string> pools);
  LabelLists(LabelLists&&) = default;  // no copies: the positions view the names

  // For Label::kModel: the position of a model, 0 ("other") if it is not listed.
  std::uint16_t model(std::string_view name) const;
  std::size_t count(Label label) const;
  std::string_view text(Label label, std::size_t value) const;

 private:
  std::vector<std::string> models_;
  std::vector<std::string> pools_;
  std::unordered_map<std::string_view, std::uint16_t> model_positions_;
};

// Where each series of each metric has its place in a shard.
class Layout {
 public:
  explicit Layout(const LabelLists& lists);

  std::size_t cells() const { return cells_; }
  // The first cell of a series. A value out of range counts as the label's last.
  std::size_t cell(Metric metric, const LabelValues& values) const {
    const Place& place = places_[static_cast<std::size_t>(metric)];
    std::size_t index = 0;
    for (std::size_t i = 0; i < kMaxLabels; ++i) {
      index = index * place.counts[i] + std::min<std::size_t>(values[i], place.counts[i] - 1u);
    }
    return place.first + index * place.width;
  }
  std::size_t series(Metric metric) const;
  LabelValues values(Metric metric, std::size_t series) const;

 private:
  struct Place {
    std::size_t first = 0;
    std::size_t width = 1;  // cells of one series
    std::array<std::uint16_t, kMaxLabels> counts{1, 1, 1};
  };
  std::array<Place, kMetricCount> places_;
  std::size_t cells_ = 0;
};

// One worker's counts.
class Shard {
 public:
  explicit Shard(const Layout& layout);

  void count(Metric metric, const LabelValues& values = {}, std::uint64_t n = 1) {
    add(layout_.cell(metric, values), n);
  }
  // For gauges: how much more (or less) it is now. The sum over workers counts.
  void change(Metric metric, std::int64_t by, const LabelValues& values = {}) {
    add(layout_.cell(metric, values), static_cast<std::uint64_t>(by));
  }
  // For histograms.
  void observe(Metric metric, std::chrono::nanoseconds time, const LabelValues& values = {});

  std::uint64_t read(std::size_t cell) const {
    return cells_[cell].load(std::memory_order_relaxed);
  }

 private:
  using Cell = std::atomic<std::uint64_t>;
  static_assert(Cell::is_always_lock_free && sizeof(Cell) == sizeof(std::uint64_t));

  // One thread writes: no locked instruction is needed.
  void add(std::size_t cell, std::uint64_t n) {
    cells_[cell].store(cells_[cell].load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  const Layout& layout_;
  struct Free {
    void operator()(Cell* cells) const;
  };
  std::unique_ptr<Cell[], Free> cells_;
};

// What is known only at the time of scraping.
class Samples {
 public:
  void add(Metric metric, double value, std::vector<std::string> label_values = {}) {
    samples_.push_back({metric, value, std::move(label_values)});
  }

 private:
  friend class Metrics;
  struct Sample {
    Metric metric;
    double value;
    std::vector<std::string> label_values;
  };
  std::vector<Sample> samples_;
};

class Metrics {
 public:
  Metrics(std::size_t workers, LabelLists lists);

  Shard& shard(std::size_t worker) { return *shards_[worker]; }
  const LabelLists& labels() const { return lists_; }

  // Called at each scrape, on the scraping thread, until the Metrics end. At start.
  void add_collector(std::function<void(Samples&)> collector);

  // Prometheus' text format 0.0.4.
  std::string render() const;

  // use(const LabelValues&, std::uint64_t) with what all workers have counted, for each series
  // of a counter or gauge (as two's complement) that is not 0.
  template <class Use>
  void each(Metric metric, Use use) const {
    for (std::size_t series = 0; series < layout_.series(metric); ++series) {
      const LabelValues values = layout_.values(metric, series);
      const std::size_t cell = layout_.cell(metric, values);
      std::uint64_t sum = 0;
      for (const auto& shard : shards_) sum += shard->read(cell);
      if (sum != 0) use(values, sum);
    }
  }

 private:
  const LabelLists lists_;
  const Layout layout_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::function<void(Samples&)>> collectors_;
};

inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace wasat::observe
