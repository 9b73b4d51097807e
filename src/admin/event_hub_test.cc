#include "admin/event_hub.h"

#include <gtest/gtest.h>

#include <memory>

namespace wasat::admin {
namespace {

TEST(EventHub, GivesWhatCameSinceTheLastLook) {
  EventHub hub;
  hub.publish("lost", "{}");  // nobody looked on
  EventHub::Listener listener(hub);
  std::vector<Event> events;
  EXPECT_TRUE(listener.take(events));
  EXPECT_TRUE(events.empty());
  hub.publish("a", "1");
  hub.publish("b", "2");
  EXPECT_TRUE(listener.take(events));
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].kind, "a");
  EXPECT_EQ(events[1].data, "2");
  EXPECT_EQ(events[1].number, events[0].number + 1);
  EXPECT_TRUE(listener.take(events));
  EXPECT_TRUE(events.empty());
}

TEST(EventHub, WhoIsTooSlowLearnsThatSomeAreGone) {
  EventHub hub;
  EventHub::Listener slow(hub);
  EventHub::Listener quick(hub);
  std::vector<Event> events;
  for (std::size_t i = 0; i <= EventHub::kMostEvents; ++i) {
    hub.publish("x", "1");
    EXPECT_TRUE(quick.take(events));
  }
  EXPECT_FALSE(slow.take(events));
  EXPECT_EQ(events.size(), EventHub::kMostEvents);
}

TEST(EventHub, GoesOnWhereALostConnectionWas) {
  EventHub hub;
  EventHub::Listener first(hub);
  hub.publish("a", "1");
  hub.publish("b", "2");
  EventHub::Listener again(hub);
  again.go_on_after(1);
  std::vector<Event> events;
  EXPECT_TRUE(again.take(events));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].kind, "b");
  again.go_on_after(1'000'000);  // of another process
  EXPECT_TRUE(again.take(events));
  EXPECT_TRUE(events.empty());
}

TEST(EventHub, HasABoundForEventsAndListeners) {
  EventHub hub;
  std::vector<std::unique_ptr<EventHub::Listener>> listeners;
  for (int i = 0; i < EventHub::kMostListeners; ++i) {
    listeners.push_back(std::make_unique<EventHub::Listener>(hub));
    EXPECT_FALSE(listeners.back()->refused());
  }
  EXPECT_TRUE(EventHub::Listener(hub).refused());
  listeners.pop_back();
  EXPECT_FALSE(EventHub::Listener(hub).refused());
  std::vector<Event> events;
  hub.publish("long", std::string(EventHub::kMostBytes + 1, 'x'));
  EXPECT_TRUE(listeners[0]->take(events));
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace wasat::admin
