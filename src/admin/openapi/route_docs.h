// What the admin API's routes mean, for its OpenAPI document: a row for each of them. A test
// fails when a route has no row, or a row no route.

#pragma once

#include <span>
#include <string_view>

namespace wasat::admin::openapi {

struct RouteDoc {
  std::string_view method;
  std::string_view path;     // as the router has it
  std::string_view summary;  // one sentence
  // Names of parameters (parameter_docs()), separated by spaces.
  std::string_view query;
  std::string_view body;   // a schema's name; empty: none
  std::string_view reply;  // a schema's name; empty: 204 without a body
  int status = 200;
  std::string_view content_type = "application/json";
  // Another status that it may answer with the schema `other`: 202 of a job.
  int other_status = 0;
  std::string_view other{};
};

struct ParameterDoc {
  std::string_view name;
  std::string_view schema;  // JSON
  std::string_view meaning;
};

std::span<const RouteDoc> route_docs();
std::span<const ParameterDoc> parameter_docs();

}  // namespace wasat::admin::openapi
