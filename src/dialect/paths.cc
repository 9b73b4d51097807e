#include "dialect/paths.h"

#include <string>

namespace wasat::dialect {

std::string_view bare_path(const Request& request) {
  std::string_view path = request.path;
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

bool reads(const Request& request) {
  return request.http_method == "GET" || request.http_method == "HEAD";
}

Error wrong_method(const Request& request, std::string_view allowed) {
  return client_error(ErrorKind::kMethodNotAllowed, std::string(request.path) + " takes " +
                                                        std::string(allowed) + ", not " +
                                                        std::string(request.http_method) + ".");
}

Error nothing_here(const Request& request) {
  return client_error(ErrorKind::kNotFound, "There is nothing at this path (" +
                                                std::string(request.http_method) + " " +
                                                std::string(request.path) + ").");
}

}  // namespace wasat::dialect
