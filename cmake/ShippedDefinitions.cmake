# shipped_definitions(target): the SHA-256 of each engine definition that comes with the program, for src/avatar/shipped.cpp.
# Of DiceBear's styles, those that are there when the build is configured.
function(shipped_definitions target)
  file(GLOB definitions CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/configs/engines/*/definition.json
    ${SWIFTAVATAR_SITE_PACKAGES}/dicebear_styles/*.json)
  set(hashes "")
  foreach(definition IN LISTS definitions)
    file(SHA256 ${definition} hash)
    string(APPEND hashes "\"${hash}\",\n")
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${definitions})
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/shipped/definitions.inc CONTENT "${hashes}" @ONLY)
  target_include_directories(${target} PRIVATE ${CMAKE_BINARY_DIR}/shipped)
endfunction()
