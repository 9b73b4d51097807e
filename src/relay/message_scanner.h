// MessageScanner: a message of any length, told while it comes.
//
// The answer in it is passed on and not held; what must be known as a whole is held, within a
// bound. Belongs to the reader of one message.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "json/reader.h"
#include "json/scanner.h"
#include "relay/message_sink.h"
#include "relay/unescaper.h"

namespace wasat::relay {

class MessageScanner final : private json::Scanner::Watcher {
 public:
  // `most_held`: bytes of values that are held for the sink.
  MessageScanner(int max_depth, std::size_t most_held)
      : json_(max_depth, this), most_held_(most_held) {}

  // A part of the message. False: the sink was told that it is broken; it ends here.
  bool push(std::string_view bytes, MessageSink& sink);
  // That was all.
  void finish(MessageSink& sink);

 private:
  // A member that was put off.
  struct Held {
    int level;
    std::string name;
    std::unique_ptr<Buffer> bytes;
  };

  void name_begins(const char* at) override;
  void name_ended(const char* behind) override;
  void value_begins(const char* at, json::Type type) override;
  void value_ended(const char* behind) override;

  void begin_take(Take take, const char* at, json::Type type);
  void add_to_name(std::string_view bytes);
  void add_to_value(std::string_view bytes, bool last);
  void hold(std::string_view bytes);
  void give_value();
  json::Value parse(const Buffer& bytes);
  void fail(const char* why);

  json::Scanner json_;
  const std::size_t most_held_;
  MessageSink* sink_ = nullptr;  // during a call
  const char* problem_ = nullptr;

  // What is taken of these bytes begins here: of a name, or of a value.
  const char* from_ = nullptr;
  bool in_name_ = false;
  std::string name_;
  Take take_ = Take::kSkip;
  bool is_begun_ = false;  // a string's first quote is behind us
  Unescaper unescaper_;
  std::unique_ptr<Buffer> held_;
  std::size_t held_size_ = 0;  // of all
  std::vector<Held> later_;
  json::Document document_;
};

}  // namespace wasat::relay
