# swiftavatar_install_text(kind path): what `swiftavatar completion KIND` prints, as a file of the data folder.
function(swiftavatar_install_text kind path)
  get_filename_component(name ${path} NAME)
  get_filename_component(folder ${path} DIRECTORY)
  set(made ${CMAKE_BINARY_DIR}/completion/${kind}/${name})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/completion/${kind})
  install(CODE "
    execute_process(COMMAND \"$<TARGET_FILE:swiftavatar>\" completion ${kind} OUTPUT_FILE \"${made}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(FILES ${made} DESTINATION ${CMAKE_INSTALL_DATADIR}/${folder})
endfunction()
