# swiftavatar_layer(name [USES layer...] [HEADERS public.h...] [LIBRARIES target...] [TORCH] [CUDA])
#
# Makes the static library swiftavatar_<name> of all src/<name>/*.cpp (not main.cpp); an INTERFACE library while the
# folder is empty. The layer's folder and its HEADERS of include/swiftavatar are linked into a folder of their own in the
# build tree, and only that folder goes on the include path: `#include "face/warp.h"` or "swiftavatar/face.h" compiles in
# the layers that use face, and nowhere else. That is how the build proves that lower layers never include higher ones.
# TORCH: the sources may include torch; its headers are precompiled.
# CUDA: .cu files are compiled in CUDA builds; *_none.cpp stands in for them in others.
function(swiftavatar_layer name)
  cmake_parse_arguments(LAYER "TORCH;CUDA" "" "USES;HEADERS;LIBRARIES" ${ARGN})
  set(target swiftavatar_${name})
  set(source_dir ${CMAKE_SOURCE_DIR}/src/${name})
  file(GLOB sources CONFIGURE_DEPENDS ${source_dir}/*.cpp)
  list(REMOVE_ITEM sources ${source_dir}/main.cpp)
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

  if(LAYER_TORCH AND sources)
    target_link_libraries(${target} PRIVATE libtorch)
    precompile_torch(${target})
  endif()
  if(LAYER_CUDA AND SWIFTAVATAR_CUDA AND sources)
    set_target_properties(${target} PROPERTIES CUDA_STANDARD 17 CUDA_STANDARD_REQUIRED ON)
    target_link_libraries(${target} PUBLIC CUDA::cudart)
  endif()
endfunction()

# Torch's headers take 20 s to read: they are read once, and the first torch layer's precompiled header serves the others.
function(precompile_torch target)
  get_property(first GLOBAL PROPERTY SWIFTAVATAR_TORCH_PCH)
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE <torch/script.h> <torch/optim.h>)
    set_property(GLOBAL PROPERTY SWIFTAVATAR_TORCH_PCH ${target})
  endif()
endfunction()

if(SWIFTAVATAR_CUDA)
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES 80 90)
  endif()
  enable_language(CUDA)
  find_package(CUDAToolkit REQUIRED)
endif()
