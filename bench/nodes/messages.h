// What a node says, as masked frames. Made once; a message costs two copies.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace bench {

class Messages {
 public:
  Messages();

  // 1,024 bytes of answer, not streamed.
  void whole(std::string& out, std::string_view id);
  // The `number`th event of a stream. `sent`: microseconds; 0: not told.
  void event(std::string& out, std::string_view id, unsigned number, std::uint64_t sent, bool last);
  // A mebibyte or so of a stream.
  void large(std::string& out, std::string_view id, bool last);
  // The same of an answer that is not streamed: a fragment of its message.
  void large_whole(std::string& out, std::string_view id, bool first, bool last);

 private:
  void say(std::string& out);

  std::string text_;  // the message that is made
  std::string whole_, large_;
};

// Of a message that asks: its "id" and "path", which come first.
struct Asked {
  std::string_view id;  // empty: it asks nothing
  std::string_view path;
};
Asked read_request(std::string_view text);

// Of one that counts the nodes; 0: it is another.
unsigned read_count(std::string_view text);

}  // namespace bench
