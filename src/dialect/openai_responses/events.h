// Writing the events of a streamed response, numbered. For answers that are not
// streamed nothing is written.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wasat::dialect::openai_responses {

class Events {
 public:
  explicit Events(bool streamed) : streamed_(streamed) {}

  bool streamed() const { return streamed_; }

  // "event: T\ndata: {"type":"T"" - members follow, each with its comma in front, then end().
  void begin(std::string& out, std::string_view type) const {
    out += "event: ";
    out += type;
    out += "\ndata: {\"type\":\"";
    out += type;
    out += '"';
  }
  void end(std::string& out) {
    out += ",\"sequence_number\":";
    append_number(out, number_++);
    out += "}\n\n";
  }

  // An event about an item that has nothing more to say.
  void plain(std::string& out, std::string_view type, std::string_view item_id,
             std::size_t output_index) {
    if (!streamed_) return;
    begin(out, type);
    append_place(out, item_id, output_index);
    end(out);
  }
  // "response.output_item.added" and ".done".
  void item(std::string& out, std::string_view type, std::size_t output_index,
            std::string_view item) {
    if (!streamed_) return;
    begin(out, type);
    out += ",\"output_index\":";
    append_number(out, output_index);
    out += ",\"item\":";
    out += item;
    end(out);
  }
  // One that carries a string, escaped: `name` is "delta", "text", "arguments"...
  void string(std::string& out, std::string_view type, std::string_view item_id,
              std::size_t output_index, std::string_view name, std::string_view escaped) {
    if (!streamed_) return;
    begin(out, type);
    append_place(out, item_id, output_index);
    out += ",\"";
    out += name;
    out += "\":\"";
    out += escaped;
    out += '"';
    end(out);
  }

  static void append_place(std::string& out, std::string_view item_id, std::size_t output_index) {
    out += ",\"item_id\":\"";
    out += item_id;
    out += "\",\"output_index\":";
    append_number(out, output_index);
  }
  static void append_number(std::string& out, std::size_t number) {
    char digits[24];
    char* end = digits + sizeof digits;
    char* begin = end;
    do {
      *--begin = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number != 0);
    out.append(begin, static_cast<std::size_t>(end - begin));
  }

 private:
  const bool streamed_;
  std::size_t number_ = 0;
};

}  // namespace wasat::dialect::openai_responses
