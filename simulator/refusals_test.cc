// Requests that Google refuses, and in which words.

#include "simulator/simulator_test.h"

namespace wasat::simulator::test {
namespace {

class SimulatorRefusals : public SimulatorTest {
 protected:
  void refuses(std::string_view target, std::string_view body, std::string_view words,
               int status = 400) {
    const Answered answered = ask({.target = std::string(target), .body = std::string(body)});
    EXPECT_EQ(answered.status, status) << body;
    if (answered.status != status) return;
    const Parsed answer(answered.body);
    EXPECT_EQ(answer["error"]["code"].integer(), status);
    EXPECT_NE(answer["error"]["message"].string_or("").find(words), std::string_view::npos)
        << answered.body;
  }
  void takes(std::string_view target, std::string_view body) {
    const Answered answered = ask({.target = std::string(target), .body = std::string(body)});
    EXPECT_EQ(answered.status, 200) << body << "\n" << answered.body;
  }
};

TEST_F(SimulatorRefusals, WhatIsNoRequest) {
  refuses(kUnary, "{", "Invalid JSON payload received.");
  refuses(kUnary, "[]", "Invalid JSON payload received.");
  refuses(kUnary, "", "Invalid JSON payload received.");
  refuses(kUnary, "{}", "contents is not specified");
  refuses(kUnary, R"({"contents":[]})", "contents is not specified");
  refuses(kUnary, R"({"contents":[{"parts":[]}]})", "contents.parts must not be empty");
  refuses(kUnary, R"({"contents":[{"parts":[{}]}]})", "required oneof field 'data'");
  refuses(kUnary, R"({"contents":[{"role":"system","parts":[{"text":"a"}]}]})", "valid role");
  refuses("/v1beta/models/no-such-model:generateContent", R"({"contents":[]})",
          "models/no-such-model is not found for API version v1beta", 404);
  refuses("/v1beta/models/gemini-embedding-001:generateContent", "{}", "is not supported for", 404);
}

TEST_F(SimulatorRefusals, UnknownFieldsNameTheirPlace) {
  refuses(kUnary, R"({"contents":[{"parts":[{"text":"a"}]}],"foo":1})",
          "Unknown name \"foo\": Cannot find field.");
  refuses(kUnary, R"({"contents":[{"parts":[{"text":"a","bar":1}]}]})",
          "Unknown name \"bar\" at 'contents[0].parts[0]': Cannot find field.");
  refuses(kUnary,
          R"({"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"f",)"
          R"("parameters":{"type":"OBJECT","properties":{"x":{"type":"STRING","const":"a"}}}}]}]})",
          "at 'tools[0].function_declarations[0].parameters.properties[0].value'");
  refuses(kUnary, R"({"contents":[{"parts":[{"text":"a"}]}],"generationConfig":[{}]})",
          "Proto field is not repeating, cannot start list.");
  refuses(kUnary, R"({"contents":"Hi"})", "Invalid value at 'contents[0]'");
  takes(kUnary, R"({"contents":{"parts":{"text":"a"}},"system_instruction":{"parts":{"text":"b"}},)"
                R"("generation_config":{"max_output_tokens":50}})");
  takes(kUnary,
        R"({"contents":[{"parts":[{"text":"a"}]}],"tools":[{"functionDeclarations":[{"name":"f",)"
        R"("parametersJsonSchema":{"$schema":"x","type":"object","const":1}}]}]})");
}

const std::string kUser = R"({"role":"user","parts":[{"text":"a"}]})";
const std::string kCall =
    R"({"role":"model","parts":[{"functionCall":{"name":"f","args":{}},"thoughtSignature":"abcd"}]})";
const std::string kUnsignedCall =
    R"({"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]})";
const std::string kResponse =
    R"({"role":"user","parts":[{"functionResponse":{"name":"f","response":{"a":1}}}]})";

std::string turns(std::initializer_list<std::string> contents) {
  std::string body = R"({"contents":[)";
  for (const std::string& content : contents) body += (body.ends_with('[') ? "" : ",") + content;
  return body + "]}";
}

TEST_F(SimulatorRefusals, CallsAndResponsesPair) {
  takes(kUnary, turns({kUser, kCall, kResponse}));
  refuses(kUnary, turns({kCall, kResponse}), "function call turn comes immediately after");
  refuses(kUnary, turns({kUser, kResponse}), "function response turn comes immediately after");
  refuses(kUnary, turns({kUser, kCall, kUser}), "number of function response parts is equal to");
  refuses(kUnary,
          turns({kUser, kCall,
                 R"({"role":"user","parts":[{"functionResponse":{"name":"","response":{}}}]})"}),
          "Name cannot be empty");
}

TEST_F(SimulatorRefusals, P1_CallsOfTheCurrentTurnNeedSignatures) {
  takes(kUnary, turns({kUser, kUnsignedCall, kResponse}));
  refuses(kUnary3, turns({kUser, kUnsignedCall, kResponse}),
          "Function call is missing a thought_signature");
  takes(kUnary3, turns({kUser, kCall, kResponse}));
  // Earlier turns are not looked at.
  takes(kUnary3, turns({kUser, kUnsignedCall, kResponse,
                        R"({"role":"model","parts":[{"text":"x"}]})", kUser}));
  std::string bypassed = kCall;
  bypassed.replace(bypassed.find("abcd"), 4, "skip_thought_signature_validator");
  takes(kUnary3, turns({kUser, bypassed, kResponse}));
  std::string corrupt = kCall;
  corrupt.replace(corrupt.find("abcd"), 4, "not base64!");
  refuses(kUnary3, turns({kUser, corrupt, kResponse}), "Corrupted thought signature");
}

TEST_F(SimulatorRefusals, OptionsThatAModelDoesNotTake) {
  const auto with = [](std::string_view config) {
    return R"({"contents":[{"parts":[{"text":"a"}]}],"generationConfig":)" + std::string(config) +
           "}";
  };
  const std::string plain = "/v1beta/models/gemini-2.0-flash:generateContent";
  const std::string pro = "/v1beta/models/gemini-2.5-pro:generateContent";
  refuses(kUnary, with(R"({"temperature":3})"), "temperature must be in the range");
  refuses(kUnary, with(R"({"candidateCount":9})"), "candidate_count");
  refuses(kUnary, with(R"({"stopSequences":["a","b","c","d","e","f"]})"), "stop_sequences");
  refuses(plain, with(R"({"thinkingConfig":{"thinkingBudget":100}})"), "Thinking is not enabled");
  refuses(kUnary, with(R"({"thinkingConfig":{"thinkingLevel":"LOW"}})"), "level is not supported");
  refuses(pro, with(R"({"thinkingConfig":{"thinkingBudget":0}})"), "between 128 and 32768");
  refuses(kUnary3, with(R"({"thinkingConfig":{"thinkingBudget":500,"thinkingLevel":"LOW"}})"),
          "only one of thinking budget and thinking level");
  takes(kUnary, with(R"({"thinkingConfig":{"thinkingBudget":0}})"));
  takes(kUnary, with(R"({"thinkingConfig":{"thinkingBudget":-1}})"));
  takes(kUnary3, with(R"({"thinkingConfig":{"thinkingLevel":"low"}})"));
}

TEST_F(SimulatorRefusals, ToolsThatDoNotGoTogether) {
  const std::string functions = R"({"functionDeclarations":[{"name":"f"}]})";
  const auto with = [](const std::string& tools, const std::string& more = {}) {
    return R"({"contents":[{"parts":[{"text":"a"}]}],"tools":[)" + tools + "]" + more + "}";
  };
  refuses(kUnary, with(functions + R"(,{"googleSearch":{}})"), "Tool use with function calling");
  takes(kUnary3, with(functions + R"(,{"googleSearch":{}})"));
  refuses(kUnary, with(functions, R"(,"generationConfig":{"responseMimeType":"application/json"})"),
          "Function calling with a response mime type");
  refuses(kUnary, with(functions + "," + functions), "Duplicate function declaration found: f");
  refuses(kUnary, with(R"({"functionDeclarations":[{"name":"1 f"}]})"), "Invalid function name");
}

TEST_F(SimulatorRefusals, ArraysWrapTheirErrors) {
  const Answered answered =
      ask({.target = "/v1beta/models/gemini-2.5-flash:streamGenerateContent", .body = "{}"});
  EXPECT_EQ(answered.status, 400);
  const Parsed answer(answered.body);
  EXPECT_EQ(at(*answer, 0)["error"]["code"].integer(), 400);
}

}  // namespace
}  // namespace wasat::simulator::test
