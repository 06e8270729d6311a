# swiftavatar_layer(name [USES layer...] [HEADERS public.h...] [LIBRARIES target...] [CUDA] [PLAIN]
#                   [LATE source... [LATE_LIBRARIES target...]])
#
# Makes the static library swiftavatar_<name> of all src/<name>/*.cpp (not main.cpp); an INTERFACE library while the
# folder is empty. The layer's folder and its HEADERS of include/swiftavatar are linked into a folder of their own in the
# build tree, and only that folder goes on the include path: `#include "face/warp.h"` or "swiftavatar/face.h" compiles in
# the layers that use face, and nowhere else. That is how the build proves that lower layers never include higher ones.
# LATE: sources that need the LATE_LIBRARIES, which take too long to load for verbs that do without. They are no part of
# swiftavatar_<name> but of swiftavatar_<name>_late, for a late library (below).
# PLAIN: a layer without OpenCV; the others have its headers precompiled.
# CUDA: .cu files are compiled in CUDA builds; *_none.cpp stands in for them in others.
function(swiftavatar_layer name)
  cmake_parse_arguments(LAYER "CUDA;PLAIN" "" "USES;HEADERS;LIBRARIES;LATE;LATE_LIBRARIES" ${ARGN})
  set(target swiftavatar_${name})
  set(source_dir ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${source_dir}/*.cpp)
  list(TRANSFORM LAYER_LATE PREPEND ${source_dir}/)
  list(REMOVE_ITEM sources ${source_dir}/main.cpp ${LAYER_LATE})
  if(LAYER_CUDA AND SWIFTAVATAR_CUDA)
    file(GLOB cuda_sources CONFIGURE_DEPENDS ${source_dir}/*.cu)
    list(FILTER sources EXCLUDE REGEX "_none\\.cpp$")
    list(APPEND sources ${cuda_sources})
  endif()

  set(include_dir ${CMAKE_BINARY_DIR}/layers/${name})
  file(MAKE_DIRECTORY ${include_dir}/swiftavatar ${source_dir})
  file(CREATE_LINK ${source_dir} ${include_dir}/${name} SYMBOLIC)
  foreach(header IN LISTS LAYER_HEADERS)
    file(CREATE_LINK ${CMAKE_SOURCE_DIR}/include/swiftavatar/${header} ${include_dir}/swiftavatar/${header} SYMBOLIC)
  endforeach()

  if(sources)
    add_library(${target} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    set(scope INTERFACE)
  endif()
  list(TRANSFORM LAYER_USES PREPEND swiftavatar_)
  target_include_directories(${target} ${scope} ${include_dir})
  target_link_libraries(${target} ${scope} ${LAYER_USES} ${LAYER_LIBRARIES})
  if(sources AND NOT LAYER_PLAIN)
    precompile_headers(${target} common)
  endif()

  if(LAYER_LATE)
    add_library(${target}_late OBJECT ${LAYER_LATE})
    target_link_libraries(${target}_late PUBLIC ${target} ${LAYER_LATE_LIBRARIES})
    if(libtorch IN_LIST LAYER_LATE_LIBRARIES)
      precompile_headers(${target}_late torch)
    endif()
  endif()
  if(LAYER_CUDA AND SWIFTAVATAR_CUDA AND sources)
    set_target_properties(${target} PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON)
    target_link_libraries(${target} PUBLIC CUDA::cudart)
  endif()
endfunction()

# swiftavatar_late_library(name layer...): libswiftavatar-<name>.so of the late sources of some layers. It exports their
# functions swiftavatar_* and nothing else: what it shares with the program's static libraries, it has for itself.
function(swiftavatar_late_library name)
  set(target swiftavatar_${name})
  set(exports ${CMAKE_SOURCE_DIR}/cmake/late_library.map)
  list(TRANSFORM ARGN REPLACE "(.+)" "swiftavatar_\\1_late" OUTPUT_VARIABLE objects)
  add_library(${target} MODULE)
  target_link_libraries(${target} PRIVATE ${objects})
  target_link_options(${target} PRIVATE LINKER:--version-script=${exports})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME swiftavatar-${name} LINK_DEPENDS ${exports})
  install(TARGETS ${target} DESTINATION ${SWIFTAVATAR_LIBRARY_DIR})
endfunction()

if(SWIFTAVATAR_CUDA)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80 90)
  endif()
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
endif()
