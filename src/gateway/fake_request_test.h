// A request without a body, for the tests of this room.

#pragma once

#include "http/message.h"

namespace wasat::gateway {

class FakeRequest final : public http::ServerRequest {
 public:
  FakeRequest(std::string_view target_text, std::vector<http::Header> fields)
      : fields_(std::move(fields)) {
    method = "POST";
    target = target_text;
    path = target.substr(0, target.find('?'));
    query = path.size() < target.size() ? target.substr(path.size() + 1) : std::string_view();
    headers = fields_;
  }
  Task<Result<std::shared_ptr<const Buffer>>> read_body(http::BodyLimits) override { std::abort(); }
  Task<Result<std::size_t>> read_some(std::span<char>) override { std::abort(); }
  std::optional<std::uint64_t> content_length() const override { return 0; }
  Cancel& departed() override { return cancel_; }

 private:
  std::vector<http::Header> fields_;
  Cancel cancel_;
};

}  // namespace wasat::gateway
