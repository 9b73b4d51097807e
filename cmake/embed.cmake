# Writes a C++ source that gives FILES (separated by "|") as gateway::FUNCTION(), to TO.

string(REPLACE "|" ";" files "${FILES}")
set(type_of.html "text/html; charset=utf-8")
set(type_of.css "text/css; charset=utf-8")
set(type_of.js "text/javascript; charset=utf-8")
set(type_of.zip "application/zip")

set(rows "")
foreach(file ${files})
  get_filename_component(name ${file} NAME)
  get_filename_component(extension ${file} LAST_EXT)
  file(SHA256 ${file} hash)
  string(SUBSTRING ${hash} 0 32 hash)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "\\\\x\\1" bytes "${bytes}")
  string(APPEND rows "    {.name = \"${name}\",\n     .content_type = \"${type_of${extension}}\",\n"
    "     .etag = \"\\\"${hash}\\\"\",\n     .bytes = \"${bytes}\"sv},\n")
endforeach()

file(WRITE ${TO} "#include \"gateway/web_file.h\"

namespace wasat::gateway {
namespace {

using namespace std::literals;

constexpr WebFile kFiles[] = {
${rows}};

}  // namespace

std::span<const WebFile> ${FUNCTION}() { return kFiles; }

}  // namespace wasat::gateway
")
