// Uploads to the simulator: resumable, raw and multipart. Bytes are counted and
// hashed as they come and not kept.

#pragma once

#include <string>

#include "base/task.h"
#include "dialect/gemini/path.h"
#include "http/message.h"
#include "simulator/holdings.h"

namespace wasat::simulator {

// Whether the request is one, by its path.
bool is_upload(const http::ServerRequest& request);

class UploadExchange {
 public:
  // All references outlive the exchange.
  UploadExchange(Holdings& holdings, http::ServerRequest& request, http::ServerResponse& response,
                 std::string key)
      : holdings_(holdings), request_(request), response_(response), key_(std::move(key)) {}

  // The status that was answered; 0: the client left.
  Task<int> run();

 private:
  Task<int> begin(Upload upload);
  Task<int> go_on(std::string id, Upload upload, std::string_view command);
  Task<int> whole(Upload upload);
  Task<int> multipart(Upload upload);
  Task<int> refuse(int code, std::string_view status, std::string_view message);
  Task<int> answer(std::string_view compact, std::string_view upload_status,
                   std::uint64_t received = 0);

  Holdings& holdings_;
  http::ServerRequest& request_;
  http::ServerResponse& response_;
  const std::string key_;
};

}  // namespace wasat::simulator
