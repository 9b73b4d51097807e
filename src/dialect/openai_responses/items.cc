#include "dialect/openai_responses/items.h"

#include "dialect/openai_responses/carrier.h"

namespace wasat::dialect::openai_responses {

std::string Items::next_id(std::string_view prefix) {
  std::string id(prefix);
  id += '_';
  id += shape_.context.id;
  Events::append_number(id, ids_++);
  return id;
}

void Items::begin(std::string_view item, std::string& out) {
  events_.item(out, "response.output_item.added", count_, item);
}

void Items::add(std::string_view item, std::string& out) {
  events_.item(out, "response.output_item.done", count_, item);
  if (!finished_.empty()) finished_ += ',';
  finished_ += item;
  ++count_;
}

void Items::add_carrier(std::string_view signature, bool behind, std::string& out) {
  const std::string head = R"({"id":")" + next_id("rs") + R"(","type":"reasoning","summary":[])";
  begin(head + "}", out);
  add(head + R"(,"encrypted_content":")" + write_carrier(signature, shape_.upstream_model, behind) +
          "\"}",
      out);
}

bool Items::sign_last(std::string_view signature) {
  if (unsigned_end_ == 0 || unsigned_end_ != finished_.size()) return false;
  const std::size_t empty = write_carrier({}, shape_.upstream_model, false).size();
  finished_.replace(unsigned_end_ - empty - 2, empty,
                    write_carrier(signature, shape_.upstream_model, false));
  return true;
}

}  // namespace wasat::dialect::openai_responses
