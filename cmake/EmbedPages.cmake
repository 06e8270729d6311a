# The pages of src/cli/pages as part of the program: `embed_pages(target)` adds a source that defines a PageSource
# (src/cli/html_page.h) for each NAME.html, with base.css and NAME.css as its style and NAME.js as its script. Run as a script
# with -DPAGES=folder -DOUTPUT=file, this file writes that source.
if(CMAKE_SCRIPT_MODE_FILE)
  set(source "// Made by cmake/EmbedPages.cmake.\n#include \"cli/html_page.h\"\nnamespace swiftavatar::cli {\n")
  file(READ ${PAGES}/base.css base)
  foreach(name Report Study)
    string(TOLOWER ${name} file)
    file(READ ${PAGES}/${file}.html html)
    file(READ ${PAGES}/${file}.css style)
    file(READ ${PAGES}/${file}.js script)
    string(APPEND source "const PageSource k${name}Page{R\"page(${html})page\",\nR\"page(${base}${style})page\",\n"
      "R\"page(${script})page\"};\n")
  endforeach()
  file(WRITE ${OUTPUT} "${source}}  // namespace swiftavatar::cli\n")
  return()
endif()

set(EMBED_PAGES_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

function(embed_pages target)
  set(folder ${CMAKE_SOURCE_DIR}/src/cli/pages)
  set(output ${CMAKE_BINARY_DIR}/pages.cpp)
  file(GLOB files CONFIGURE_DEPENDS ${folder}/*)
  add_custom_command(OUTPUT ${output} DEPENDS ${files} ${EMBED_PAGES_SCRIPT} VERBATIM
    COMMAND ${CMAKE_COMMAND} -DPAGES=${folder} -DOUTPUT=${output} -P ${EMBED_PAGES_SCRIPT})
  target_sources(${target} PRIVATE ${output})
endfunction()
