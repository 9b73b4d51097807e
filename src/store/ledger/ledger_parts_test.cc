#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "base/random.h"
#include "store/ledger/block.h"
#include "store/ledger/matcher.h"
#include "store/ledger/note_batch.h"
#include "store/ledger/note_codec.h"
#include "store/ledger/presence.h"
#include "store/ledger/sum_block.h"
#include "store/ledger/sums.h"

namespace wasat::store {
namespace {

constexpr Time kNow{std::chrono::seconds(1'800'000'000)};

// Notes whose texts outlive them.
class Notes {
 public:
  LedgerNote next() {
    return {.time = kNow + std::chrono::milliseconds(
                               static_cast<std::int64_t>(random_.below(9000)) - 4500),
            .id = text(24),
            .token_id = text(random_.below(3)),
            .model = text(random_.below(40)),
            .outcome = random_.below(2) == 0 ? "ok" : "timeout",
            .error = text(random_.below(300)),
            .attempts = static_cast<std::int32_t>(random_.below(9)),
            .status = static_cast<std::int32_t>(random_.below(600)),
            .input = number(),
            .cached = number(),
            .cost = number(),
            .duration_us = number(),
            .bytes_out = number()};
  }

 private:
  std::string_view text(std::size_t size) { return texts_.emplace_back(random_.id(size)); }
  // Of every size, negative ones too.
  std::int64_t number() { return static_cast<std::int64_t>(random_.next()) >> random_.below(64); }
  Random random_{11};
  std::deque<std::string> texts_;
};

void expect_equal(const LedgerNote& a, const LedgerNote& b) {
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.id, b.id);
  EXPECT_EQ(a.attempts, b.attempts);
  EXPECT_EQ(a.status, b.status);
  for (const auto text : kNoteTexts) EXPECT_EQ(a.*text, b.*text);
  for (const auto number : kNoteNumbers) EXPECT_EQ(a.*number, b.*number);
}

LedgerNote whole(const NoteOwn& own) {
  LedgerNote note{.time = own.time, .id = own.id, .attempts = own.attempts, .status = own.status};
  for (std::size_t i = 0; i < kNoteNumbers.size(); ++i) note.*kNoteNumbers[i] = own.numbers[i];
  return note;
}

// With its texts.
bool take_whole(std::string_view& bytes, LedgerNote& note) {
  const std::optional<EncodedNote> encoded = EncodedNote::take(bytes);
  if (!encoded) return false;
  note = whole(encoded->own());
  read_texts(encoded->texts(), note);
  return true;
}

TEST(NoteCodec, GivesBackWhatItWasGivenAndNothingOfAPart) {
  Notes notes;
  std::string lane;
  std::vector<LedgerNote> given;
  for (int i = 0; i < 100; ++i) {
    given.push_back(notes.next());
    std::string bytes;
    encode_note(given.back(), bytes);
    lane += bytes + "\n";
  }
  std::string_view rest = lane;
  LedgerNote note;
  for (const LedgerNote& each : given) {
    ASSERT_TRUE(take_whole(rest, note));
    expect_equal(note, each);
  }
  EXPECT_TRUE(rest.empty());
  std::string bytes;
  encode_note(given[0], bytes);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    rest = std::string_view(bytes).substr(0, size);
    EXPECT_FALSE(take_whole(rest, note)) << size;
  }
}

TEST(NoteCodec, CutsTextsThatAreTooLong) {
  const std::string text(10'000, 'x');
  std::string bytes;
  encode_note({.model = text, .error = text}, bytes);
  bytes += "\n";
  std::string_view rest = bytes;
  LedgerNote note;
  ASSERT_TRUE(take_whole(rest, note));
  EXPECT_EQ(note.model.size(), kMostNoteText);
  EXPECT_EQ(note.error.size(), kMostNoteError);
}

TEST(NoteBatch, HasThemInTheOrderOfTimeAndTheirTextsOnce) {
  Notes notes;
  std::string lanes;
  std::vector<LedgerNote> given;
  std::array<LedgerNote, 7> kinds;  // more than are remembered
  for (LedgerNote& kind : kinds) kind = notes.next();
  for (int i = 0; i < 300; ++i) {
    LedgerNote note = notes.next();
    if (i >= 10) {
      for (const auto text : kNoteTexts) note.*text = kinds[static_cast<std::size_t>(i % 7)].*text;
    }
    given.push_back(note);
    std::string bytes;
    encode_note(note, bytes);
    lanes += bytes + "\n";
  }
  std::vector<std::pair<Time, std::size_t>> order;
  for (const LedgerNote& note : given) order.emplace_back(note.time, order.size());
  std::ranges::sort(order);
  NoteBatch batch;
  batch.add(notes.next());  // is forgotten
  batch.assign(lanes);
  ASSERT_EQ(batch.size(), given.size());
  EXPECT_EQ(batch.texts().size(), 10 + kinds.size());
  for (std::size_t i = 0; i < given.size(); ++i) {
    LedgerNote note = whole(batch.own(i));
    for (const auto text : kNoteTexts) note.*text = batch.texts()[batch.texts_of(i)].*text;
    expect_equal(note, given[order[i].second]);
  }
}

TEST(Blocks, GiveBackWhatTheyWereGiven) {
  Notes notes;
  BlockBuilder builder;
  std::vector<LedgerNote> given;
  std::int64_t sequence = 40;
  for (int i = 0; i < 500; ++i) {
    given.push_back(notes.next());
    sequence += 1 + i % 3;  // others were removed
    builder.add(sequence, given.back());
  }
  const Block block = builder.finish();
  EXPECT_EQ(block.number, 41);
  EXPECT_EQ(block.upto, sequence);
  EXPECT_EQ(block.entries, 500);
  auto reader = BlockReader::open(block.number, block.data);
  ASSERT_TRUE(reader.has_value());
  BlockReader::Row row;
  std::int64_t expected = 40;
  for (std::size_t i = 0; i < given.size(); ++i) {
    ASSERT_TRUE(reader->next(row));
    expected += 1 + static_cast<std::int64_t>(i) % 3;
    EXPECT_EQ(row.sequence, expected);
    reader->complete(row);
    expect_equal(row.note, given[i]);
    EXPECT_LE(block.first, row.note.time);
    EXPECT_GE(block.last, row.note.time);
    EXPECT_TRUE(may_be_present(block.presence, trait_hash(Trait::kId, row.id)));
  }
  EXPECT_FALSE(reader->next(row));
}

TEST(Blocks, SurviveDamage) {
  Notes notes;
  BlockBuilder builder;
  for (int i = 0; i < 20; ++i) builder.add(i + 1, notes.next());
  const std::string whole = builder.finish().data;
  Random random(5);
  for (int round = 0; round < 5000; ++round) {
    std::string damaged = whole.substr(0, random.below(whole.size() + 1));
    for (int i = 0; i < 3 && !damaged.empty(); ++i) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.next());
    }
    auto reader = BlockReader::open(1, damaged);
    if (!reader) continue;
    const LedgerFilter filter{.token_id = "t", .text = "x"};
    Matcher matcher(filter);
    const bool entered = matcher.enter(*reader);
    for (BlockReader::Row row; reader->next(row);) {
      if (entered) static_cast<void>(matcher.matches(row));
      reader->complete(row);
    }
  }
}

TEST(Presence, NeverMissesAndSeldomErrs) {
  std::vector<std::uint64_t> hashes;
  for (int i = 0; i < 1000; ++i) hashes.push_back(trait_hash(Trait::kId, std::to_string(i)));
  const std::string presence = make_presence(hashes);
  EXPECT_EQ(presence.size(), 1500u);
  int wrong = 0;
  for (int i = 0; i < 1000; ++i) {
    EXPECT_TRUE(may_be_present(presence, hashes[static_cast<std::size_t>(i)]));
    wrong += may_be_present(presence, trait_hash(Trait::kId, "other" + std::to_string(i))) ? 1 : 0;
    wrong += may_be_present(presence, trait_hash(Trait::kToken, std::to_string(i))) ? 1 : 0;
  }
  EXPECT_LT(wrong, 20);
}

// It is part of the file: another hash would find nothing in ledgers that are there.
TEST(Presence, HashesStayAsTheyAre) {
  EXPECT_EQ(trait_hash(Trait::kToken, "a token's id"), 3923170268802524117u);
  EXPECT_EQ(trait_hash(Trait::kFailed), 7283003128405507996u);
}

TEST(Sums, StepsBeginWhereTheyShould) {
  const Time time{std::chrono::milliseconds(-1)};
  EXPECT_EQ(step_start(time, UsageStep::kDay), Time(-std::chrono::hours(24)));
  EXPECT_EQ(step_start(Time(std::chrono::minutes(61)), UsageStep::kHour),
            Time(std::chrono::hours(1)));
  EXPECT_EQ(step_start(Time(std::chrono::minutes(61)), UsageStep::kMinute),
            Time(std::chrono::minutes(61)));
}

TEST(Matcher, LeavesBlocksAloneInWhichNoTextHasWhatIsAskedFor) {
  BlockBuilder builder;
  builder.add(1, {.time = kNow, .id = "exchange-1", .outcome = "timeout", .error = "No Answer"});
  builder.add(2, {.time = kNow, .id = "exchange-2", .outcome = "ok"});
  const Block block = builder.finish();
  const auto enters = [&](const std::string& text, std::string_view presence) {
    const LedgerFilter filter{.text = text};
    Matcher matcher(filter);
    EXPECT_TRUE(matcher.may_match(presence)) << "it has an error";
    const auto reader = BlockReader::open(block.number, block.data);
    return matcher.enter(*reader);
  };
  EXPECT_TRUE(enters("no answer", block.presence));
  EXPECT_TRUE(enters("exchange-2", block.presence));
  EXPECT_FALSE(enters("no such text", block.presence));
  EXPECT_TRUE(enters("no such text", "")) << "its ids are not known";
}

TEST(SumBlock, GivesBackWhatItWasGiven) {
  Random random(5);
  SumsByName given;
  for (int i = 0; i < 1000; ++i) {
    UsageSum& sum = given[static_cast<std::int64_t>(random.below(1u << 20))];
    for (const auto number : kSumNumbers) {
      sum.*number = static_cast<std::int64_t>(random.next()) >> random.below(64);
    }
  }
  const std::string bytes = make_sum_block(given);
  const auto read = [&](std::string_view data) {
    SumsByName found;
    auto reader = SumBlockReader::open(data);
    UsageSum sum;
    for (std::int64_t name = 0; reader && reader->next(name, sum);) found[name] = sum;
    return found;
  };
  const SumsByName found = read(bytes);
  ASSERT_EQ(found.size(), given.size());
  for (const auto& [name, sum] : given) {
    ASSERT_TRUE(found.contains(name));
    for (const auto number : kSumNumbers) EXPECT_EQ(found.at(name).*number, sum.*number);
  }
  EXPECT_TRUE(read("").empty());
  EXPECT_TRUE(read("\x07" + bytes.substr(1)).empty());
  // Cut off anywhere: the whole ones are there.
  for (std::size_t size = 1; size < 300; ++size) {
    EXPECT_LE(read(std::string_view(bytes).substr(0, size)).size(), size / 12);
  }
}

}  // namespace
}  // namespace wasat::store
