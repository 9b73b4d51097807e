#include "provider/relay/one_model.h"

#include <utility>

#include "json/reader.h"

namespace wasat::provider {
namespace {

constexpr std::size_t kMostList = 1u << 20;  // bytes that are parsed at once

class OneModel final : public ChunkStream {
 public:
  OneModel(std::unique_ptr<ChunkStream> list, std::string name)
      : list_(std::move(list)), name_(std::move(name)) {}

  Task<Attempt<Batch>> next(net::TimePoint deadline) override {
    Attempt<Batch> batch = co_await list_->next(deadline);
    if (!batch || batch->frames.empty()) co_return batch;
    const PaddedView json = batch->frames[0].json;
    json::Document document;
    if (json.size() > kMostList) co_return failed(ErrorKind::kUpstreamFailed, "lists too much");
    const Result<json::Value> list = document.parse(json);
    const json::Value models = list ? (*list)["models"] : json::Value();
    if (!models.is_array()) co_return failed(ErrorKind::kUpstreamFailed, "gave no list of models");
    for (const json::Value model : models) {
      if (model["name"].string_or("") != name_) continue;
      model_ = Buffer::copy_of(model.raw());
      frame_ = {.json = model_->padded(), .wire = model_->view(), .by_relay = true};
      co_return Batch{.frames = {&frame_, 1}, .ended = batch->ended};
    }
    co_return failed(ErrorKind::kModelNotFound, "does not list this model");
  }

 private:
  static std::unexpected<gemini::Failure> failed(ErrorKind kind, const char* what) {
    return std::unexpected(
        gemini::Failure{.error = upstream_error(kind, Retry::kNextCredential,
                                                std::string("the relay node ") + what)});
  }

  const std::unique_ptr<ChunkStream> list_;
  const std::string name_;
  std::shared_ptr<Buffer> model_;
  gemini::Frame frame_;
};

}  // namespace

std::unique_ptr<ChunkStream> make_one_model(std::unique_ptr<ChunkStream> list, std::string name) {
  return std::make_unique<OneModel>(std::move(list), std::move(name));
}

}  // namespace wasat::provider
