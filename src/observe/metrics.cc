#include "observe/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <new>

namespace wasat::observe {
namespace {

// A histogram's cells: the buckets, one without bound, and the sum in nanoseconds.
constexpr std::size_t kHistogramCells = kBucketCount + 2;
constexpr std::size_t kSumCell = kBucketCount + 1;

}  // namespace

LabelLists::LabelLists(std::vector<std::string> models, std::vector<std::string> pools)
    : pools_(std::move(pools)) {
  models_.reserve(kMaxModels + 1);
  models_.emplace_back("other");
  for (std::string& model : models) {
    if (models_.size() <= kMaxModels) models_.push_back(std::move(model));
  }
  if (pools_.empty()) pools_.emplace_back("other");
  // Views into strings that stay where they are when this object is moved.
  for (std::size_t i = 0; i < models_.size(); ++i) {
    model_positions_.emplace(models_[i], static_cast<std::uint16_t>(i));
  }
}

std::uint16_t LabelLists::model(std::string_view name) const {
  const auto found = model_positions_.find(name);
  return found == model_positions_.end() ? std::uint16_t{0} : found->second;
}

std::size_t LabelLists::count(Label label) const {
  if (label == Label::kModel) return models_.size();
  if (label == Label::kPool) return pools_.size();
  return std::max<std::size_t>(1, fixed_values(label).size());
}

std::string_view LabelLists::text(Label label, std::size_t value) const {
  if (label == Label::kModel) return models_[value];
  if (label == Label::kPool) return pools_[value];
  return fixed_values(label)[value];
}

Layout::Layout(const LabelLists& lists) {
  for (const MetricRow& row : metric_table()) {
    Place& place = places_[static_cast<std::size_t>(row.metric)];
    if (row.collected) continue;
    place.first = cells_;
    place.width = row.type == MetricType::kHistogram ? kHistogramCells : 1;
    for (std::size_t i = 0; i < kMaxLabels; ++i) {
      place.counts[i] = static_cast<std::uint16_t>(lists.count(row.labels[i]));
    }
    cells_ += series(row.metric) * place.width;
  }
}

std::size_t Layout::series(Metric metric) const {
  std::size_t product = 1;
  for (const std::uint16_t count : places_[static_cast<std::size_t>(metric)].counts) {
    product *= count;
  }
  return product;
}

LabelValues Layout::values(Metric metric, std::size_t series) const {
  LabelValues values{};
  for (std::size_t i = kMaxLabels; i-- > 0;) {
    const std::size_t count = places_[static_cast<std::size_t>(metric)].counts[i];
    values[i] = static_cast<std::uint16_t>(series % count);
    series /= count;
  }
  return values;
}

// calloc, since its pages stay untouched until something is counted in them.
Shard::Shard(const Layout& layout)
    : layout_(layout), cells_(static_cast<Cell*>(std::calloc(layout.cells(), sizeof(Cell)))) {
  if (cells_ == nullptr) throw std::bad_alloc();
}

void Shard::Free::operator()(Cell* cells) const { std::free(cells); }

void Shard::observe(Metric metric, std::chrono::nanoseconds time, const LabelValues& values) {
  const auto& bounds = bucket_bounds(metric_row(metric).buckets);
  const double seconds = std::chrono::duration<double>(time).count();
  const auto bucket = std::ranges::lower_bound(bounds, seconds) - bounds.begin();
  const std::size_t cell = layout_.cell(metric, values);
  add(cell + static_cast<std::size_t>(bucket), 1);
  add(cell + kSumCell, static_cast<std::uint64_t>(std::max<std::int64_t>(0, time.count())));
}

Metrics::Metrics(std::size_t workers, LabelLists lists)
    : lists_(std::move(lists)), layout_(lists_) {
  for (std::size_t i = 0; i < workers; ++i) shards_.push_back(std::make_unique<Shard>(layout_));
}

void Metrics::add_collector(std::function<void(Samples&)> collector) {
  collectors_.push_back(std::move(collector));
}

namespace {

// The format is three kinds of lines, so it is written here: the serializer of
// prometheus-cpp wants all series copied into maps of strings first, and would be
// one more shared library in every installation.
class Renderer {
 public:
  void head(const MetricRow& row) {
    constexpr std::array<std::string_view, 3> kTypes = {"counter", "gauge", "histogram"};
    write("# HELP {} {}\n# TYPE {} {}\n", row.name, row.help, row.name,
          kTypes[static_cast<std::size_t>(row.type)]);
  }

  void begin_labels() { labels_.clear(); }
  void add_label(Label label, std::string_view value) {
    if (!labels_.empty()) labels_.push_back(',');
    labels_.append(label_name(label)).append("=\"");
    for (const char c : value) {
      if (c == '\n') {
        labels_.append("\\n");
        continue;
      }
      if (c == '"' || c == '\\') labels_.push_back('\\');
      labels_.push_back(c);
    }
    labels_.push_back('"');
  }

  template <class Value>
  void line(std::string_view name, Value value) {
    if (labels_.empty()) {
      write("{} {}\n", name, value);
    } else {
      write("{}{{{}}} {}\n", name, labels_, value);
    }
  }

  // `counts` per bucket, the last without bound.
  void histogram(const MetricRow& row, const std::array<std::uint64_t, kHistogramCells>& cells) {
    const std::string_view separator = labels_.empty() ? "" : ",";
    const auto& bounds = bucket_bounds(row.buckets);
    std::uint64_t below = 0;
    for (std::size_t i = 0; i < kBucketCount; ++i) {
      below += cells[i];
      write("{}_bucket{{{}{}le=\"{:.6g}\"}} {}\n", row.name, labels_, separator, bounds[i], below);
    }
    below += cells[kBucketCount];
    write("{}_bucket{{{}{}le=\"+Inf\"}} {}\n", row.name, labels_, separator, below);
    line(std::string(row.name) + "_sum", static_cast<double>(cells[kSumCell]) * 1e-9);
    line(std::string(row.name) + "_count", below);
  }

  std::string take() { return fmt::to_string(out_); }

 private:
  template <class... Values>
  void write(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(out_), format, std::forward<Values>(values)...);
  }

  fmt::memory_buffer out_;
  std::string labels_;
};

}  // namespace

std::string Metrics::render() const {
  Samples samples;
  for (const auto& collect : collectors_) collect(samples);

  Renderer out;
  for (const MetricRow& row : metric_table()) {
    out.head(row);
    if (row.collected) {
      for (const Samples::Sample& sample : samples.samples_) {
        if (sample.metric != row.metric) continue;
        out.begin_labels();
        for (std::size_t i = 0; i < sample.label_values.size() && i < kMaxLabels; ++i) {
          out.add_label(row.labels[i], sample.label_values[i]);
        }
        out.line(row.name, sample.value);
      }
      continue;
    }
    const std::size_t width = row.type == MetricType::kHistogram ? kHistogramCells : 1;
    for (std::size_t series = 0; series < layout_.series(row.metric); ++series) {
      const LabelValues values = layout_.values(row.metric, series);
      const std::size_t first = layout_.cell(row.metric, values);
      std::array<std::uint64_t, kHistogramCells> sums{};
      std::uint64_t any = 0;
      for (const auto& shard : shards_) {
        for (std::size_t i = 0; i < width; ++i) {
          sums[i] += shard->read(first + i);
          any |= sums[i];
        }
      }
      // Combinations that never happened are left out.
      if (any == 0 && row.labels[0] != Label::kNone) continue;
      out.begin_labels();
      for (std::size_t i = 0; i < kMaxLabels; ++i) {
        if (row.labels[i] != Label::kNone) {
          out.add_label(row.labels[i], lists_.text(row.labels[i], values[i]));
        }
      }
      if (row.type == MetricType::kHistogram) {
        out.histogram(row, sums);
      } else if (row.type == MetricType::kGauge) {
        out.line(row.name, static_cast<std::int64_t>(sums[0]));
      } else {
        out.line(row.name, sums[0]);
      }
    }
  }
  return out.take();
}

}  // namespace wasat::observe
