#include "gateway/settle.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

using std::chrono::microseconds;

Record record() {
  Record made;
  made.started = Clock::Steady(std::chrono::seconds(100));
  made.first_byte = made.started + microseconds(700);
  made.id = "exchange";
  made.dialect = "openai_chat";
  made.method = "generateContent";
  made.client = "192.0.2.1";
  made.token = "t1";
  made.model = "flash";
  made.upstream_model = "gemini-2.5-flash";
  made.provider = "api_key";
  made.credential = "c1";
  made.attempts = 2;
  made.status = 200;
  made.outcome = "ok";
  made.tally.usage = {
      .prompt = 10, .candidates = 20, .thoughts = 5, .tool_prompt = 3, .cached = 4, .total = 38};
  made.cost = 99;
  made.bytes_in = 7;
  made.bytes_out = 8;
  return made;
}

store::LedgerNote note_of(const Record& record, std::string& redacted) {
  return ledger_note(record, redacted, Clock::Wall(std::chrono::milliseconds(1234)),
                     record.started + microseconds(900));
}

// P57, P58: cached tokens are part of the input, thoughts are not part of the output.
TEST(LedgerNote, TellsWhatWasUsedOnce) {
  const Record done = record();
  std::string redacted;
  const store::LedgerNote note = note_of(done, redacted);
  EXPECT_EQ(note.time, store::Time(std::chrono::milliseconds(1234)));
  EXPECT_EQ(note.id, "exchange");
  EXPECT_EQ(note.token_id, "t1");
  EXPECT_EQ(note.model, "flash");
  EXPECT_EQ(note.upstream_model, "gemini-2.5-flash");
  EXPECT_EQ(note.credential_id, "c1");
  EXPECT_EQ(note.input, 13);
  EXPECT_EQ(note.cached, 4);
  EXPECT_EQ(note.output, 20);
  EXPECT_EQ(note.thoughts, 5);
  EXPECT_EQ(note.cost, 99);
  EXPECT_EQ(note.attempts, 2);
  EXPECT_EQ(note.first_byte_us, 700);
  EXPECT_EQ(note.duration_us, 900);
  EXPECT_EQ(note.error, "");
}

TEST(LedgerNote, KeepsTheUpstreamsTextWithoutSecrets) {
  Record failed = record();
  failed.first_byte = {};
  failed.outcome = "unauthenticated";
  failed.error = "API key not valid: AIzaSyA1234567890abcdefghijklmnopqrstuv of project x";
  std::string redacted;
  const store::LedgerNote note = note_of(failed, redacted);
  EXPECT_EQ(note.first_byte_us, 0);
  EXPECT_NE(note.error.find("API key not valid"), std::string_view::npos);
  EXPECT_EQ(note.error.find("AIzaSy"), std::string_view::npos) << note.error;
}

TEST(LedgerNote, HasBodiesWhenTheRecordHas) {
  Record asked = record();
  std::string redacted;
  EXPECT_EQ(note_of(asked, redacted).request_body, "");
  asked.request_body = "asked";
  asked.response_body = "answered";
  const store::LedgerNote note = note_of(asked, redacted);
  EXPECT_EQ(note.request_body, "asked");
  EXPECT_EQ(note.response_body, "answered");
  std::string line;
  append_log_line(line, asked, {}, asked.started);
  EXPECT_EQ(line.find("asked"), std::string::npos) << line;  // never in the log
}

}  // namespace
}  // namespace wasat::gateway
