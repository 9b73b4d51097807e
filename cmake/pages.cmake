# The pages that are part of the program: TypeScript is bundled by esbuild, and what a page
# consists of becomes a C++ source of the gateway. Nothing but Debian's esbuild is needed, and
# no network; types are checked by the tests (tests/e2e/js/applet.test.mjs).

set(applet ${CMAKE_SOURCE_DIR}/console/applet)
set(pages ${CMAKE_BINARY_DIR}/pages)
file(GLOB applet_scripts CONFIGURE_DEPENDS ${applet}/src/*.ts)
set(bundle ${ESBUILD} ${applet}/src/main.ts --bundle --format=esm --target=es2022 --charset=utf8
  --log-level=warning)

add_custom_command(
  OUTPUT ${pages}/applet.js
  COMMAND ${bundle} --minify --outfile=${pages}/applet.js
  DEPENDS ${applet_scripts}
  COMMENT "Bundling the applet")

# The same page as an app of AI Studio, which gives files names of its own and shows their
# sources to whoever opens it: so these are readable.
add_custom_command(
  OUTPUT ${pages}/studio.zip
  COMMAND ${CMAKE_COMMAND} -E make_directory ${pages}/studio
  COMMAND ${bundle} --outfile=${pages}/studio/index.tsx
  COMMAND ${CMAKE_COMMAND} -E copy ${applet}/applet.css ${pages}/studio/index.css
  COMMAND ${CMAKE_COMMAND} -E copy ${applet}/studio/metadata.json ${pages}/studio
  COMMAND ${CMAKE_COMMAND} -DFROM=${applet}/index.html -DTO=${pages}/studio/index.html
    -P ${CMAKE_SOURCE_DIR}/cmake/studio_page.cmake
  COMMAND ${CMAKE_COMMAND} -E chdir ${pages}/studio ${CMAKE_COMMAND} -E tar cf ../studio.zip
    --format=zip "--mtime=2026-01-01 00:00:00 UTC" -- index.html index.css index.tsx metadata.json
  DEPENDS ${applet_scripts} ${applet}/index.html ${applet}/applet.css
    ${applet}/studio/metadata.json ${CMAKE_SOURCE_DIR}/cmake/studio_page.cmake
  COMMENT "Packing the applet for AI Studio")

set(applet_files ${applet}/index.html ${applet}/applet.css ${pages}/applet.js ${pages}/studio.zip)
string(REPLACE ";" "|" applet_list "${applet_files}")
add_custom_command(
  OUTPUT ${pages}/applet_files.cc
  COMMAND ${CMAKE_COMMAND} -DFUNCTION=applet_files -DFILES=${applet_list}
    -DTO=${pages}/applet_files.cc -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  DEPENDS ${applet_files} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
  COMMENT "Embedding the applet"
  VERBATIM)

target_sources(wasat_gateway PRIVATE ${pages}/applet_files.cc)
