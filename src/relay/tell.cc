#include "relay/tell.h"

#include <utility>

namespace wasat::relay {
void tell(Take take, int level, std::string_view name, json::Value value, MessageSink& sink,
          std::vector<PutOff>& later) {
  switch (take) {
    case Take::kSkip:
      return;
    case Take::kValue:
      sink.value(value);
      return;
    case Take::kPieces:
      sink.piece(value.raw(), true);
      return;
    case Take::kText:
      if (const auto text = value.string()) sink.piece(*text, true);
      return;
    case Take::kLater:
      later.push_back({.level = level, .name = name, .value = value});
      return;
    case Take::kEnter:
      for (const json::Value child : value) {
        if (value.is_object()) {
          const std::string_view key = child.key();
          tell(sink.member(level + 1, key, child.type()), level + 1, key, child, sink, later);
        } else {
          // Elements have no name by which they could be told again.
          const Take wanted = sink.element(child.type());
          if (wanted != Take::kLater) tell(wanted, level + 1, {}, child, sink, later);
        }
      }
      return;
  }
}

void tell_later(std::vector<PutOff>& later, MessageSink& sink) {
  while (!later.empty()) {
    for (const PutOff& member : std::exchange(later, {})) {
      const Take take = sink.member_again(member.level, member.name, member.value.type());
      if (take != Take::kLater) tell(take, member.level, member.name, member.value, sink, later);
    }
  }
}

}  // namespace wasat::relay
