#include "dialect/anthropic/client_tools.h"

#include <algorithm>
#include <array>

#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

constexpr std::string_view kBash = R"({"type":"object","properties":{
"command":{"type":"string","description":"The command to run. Required unless the tool is restarted."},
"restart":{"type":"boolean","description":"True restarts the shell."}}})";

constexpr std::string_view kTextEditor = R"({"type":"object","properties":{
"command":{"type":"string","enum":["view","create","str_replace","insert","undo_edit"],"description":"What to do."},
"path":{"type":"string","description":"Path of the file or folder."},
"file_text":{"type":"string","description":"For create: the content of the new file."},
"old_str":{"type":"string","description":"For str_replace: the text to replace. It must occur exactly once, white space included."},
"new_str":{"type":"string","description":"For str_replace: the new text."},
"insert_line":{"type":"integer","description":"For insert: the text goes behind this line; 0 is the beginning."},
"insert_text":{"type":"string","description":"For insert: the text."},
"view_range":{"type":"array","items":{"type":"integer"},"description":"For view of a file: first and last line, from 1; -1 is the end."}},
"required":["command","path"]})";

constexpr std::string_view kMemory = R"({"type":"object","properties":{
"command":{"type":"string","enum":["view","create","str_replace","insert","delete","rename"],"description":"What to do."},
"path":{"type":"string","description":"Path below /memories; of all commands but rename."},
"view_range":{"type":"array","items":{"type":"integer"},"description":"For view: first and last line."},
"file_text":{"type":"string","description":"For create: the content."},
"old_str":{"type":"string","description":"For str_replace: the text to replace."},
"new_str":{"type":"string","description":"For str_replace: the new text."},
"insert_line":{"type":"integer","description":"For insert: the text goes behind this line."},
"insert_text":{"type":"string","description":"For insert: the text."},
"old_path":{"type":"string","description":"For rename: the present path."},
"new_path":{"type":"string","description":"For rename: the path to be."}},
"required":["command"]})";

constexpr std::string_view kComputer = R"({"type":"object","properties":{
"action":{"type":"string","enum":["key","type","mouse_move","left_click","left_click_drag","right_click","middle_click","double_click","triple_click","left_mouse_down","left_mouse_up","scroll","hold_key","wait","screenshot","cursor_position","zoom"],"description":"What to do."},
"coordinate":{"type":"array","items":{"type":"integer"},"description":"x and y in pixels from the top left corner."},
"start_coordinate":{"type":"array","items":{"type":"integer"},"description":"For left_click_drag: where the drag starts."},
"text":{"type":"string","description":"For type: the text; for key and hold_key: the keys, such as ctrl+s."},
"scroll_direction":{"type":"string","enum":["up","down","left","right"],"description":"For scroll."},
"scroll_amount":{"type":"integer","description":"For scroll: how many steps."},
"duration":{"type":"number","description":"For wait and hold_key: seconds."},
"region":{"type":"array","items":{"type":"integer"},"description":"For zoom: x and y of two corners."}},
"required":["action"]})";

constexpr std::array kTools = {
    ClientTool{"bash_", "Runs commands in a bash shell that lives on between calls.", kBash},
    ClientTool{"text_editor_", "Views, creates and edits text files.", kTextEditor},
    ClientTool{"memory_",
               "Keeps notes in files below /memories, which last from one conversation to the "
               "next. Look there before you begin, and note what will be of use later.",
               kMemory},
    ClientTool{"computer_",
               "Uses the mouse and the keyboard of a computer, and looks at its screen. Take a "
               "screenshot to see what an action has done.",
               kComputer},
};

// They are copied into requests, whose owners know nothing of them.
static_assert(std::ranges::all_of(kTools, [](const ClientTool& tool) {
  return tool.schema.size() < json::kSpliceThreshold;
}));

}  // namespace

const ClientTool* find_client_tool(std::string_view type) {
  for (const ClientTool& tool : kTools) {
    if (type.starts_with(tool.type_prefix)) return &tool;
  }
  return nullptr;
}

}  // namespace wasat::dialect::anthropic
