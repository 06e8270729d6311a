# Imported targets over the torch wheel from PyPI: torch_cpu, c10, and torch_cuda in CUDA builds.
# Not find_package(Torch): the wheel is a CUDA build, and its package file stops where there is no CUDA toolkit, though
# libtorch_cpu.so needs no more than libcudart and libcupti, which are wheels as well.
file(GLOB site_packages ${CMAKE_SOURCE_DIR}/.deps/venv/lib/python3*/site-packages)
set(SWIFTAVATAR_SITE_PACKAGES "${site_packages}" CACHE PATH "Folder that holds the torch wheel, unpacked")
set(torch_dir ${SWIFTAVATAR_SITE_PACKAGES}/torch)
if(NOT EXISTS ${torch_dir}/lib/libtorch_cpu.so)
  message(FATAL_ERROR "No torch in '${SWIFTAVATAR_SITE_PACKAGES}': run scripts/setup.sh, or set SWIFTAVATAR_SITE_PACKAGES.")
endif()

file(STRINGS ${torch_dir}/share/cmake/Torch/TorchConfig.cmake torch_abi REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
string(REGEX MATCH "_GLIBCXX_USE_CXX11_ABI=[01]" torch_abi "${torch_abi}")

file(GLOB nvidia_lib_dirs ${SWIFTAVATAR_SITE_PACKAGES}/nvidia/*/lib)
set(torch_lib_dirs ${torch_dir}/lib ${nvidia_lib_dirs})

function(import_torch_library name)
  add_library(${name} SHARED IMPORTED)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${torch_dir}/lib/lib${name}.so)
  list(JOIN torch_lib_dirs : search)
  target_link_options(${name} INTERFACE "LINKER:-rpath-link,${search}")
endfunction()

import_torch_library(c10)
import_torch_library(torch_cpu)
# SYSTEM keeps our warnings out of torch's headers.
target_include_directories(torch_cpu SYSTEM INTERFACE ${torch_dir}/include ${torch_dir}/include/torch/csrc/api/include)
target_compile_definitions(torch_cpu INTERFACE ${torch_abi})
target_link_libraries(torch_cpu INTERFACE c10)

add_library(libtorch INTERFACE)
target_link_libraries(libtorch INTERFACE torch_cpu)
# For src/model/batches.h. Clang would link another OpenMP than LibTorch's, so its builds do without. At run time
# libgomp.so.1 is the wheel's, which is loaded with LibTorch.
target_compile_options(libtorch INTERFACE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fopenmp>)
target_link_options(libtorch INTERFACE $<$<LINK_LANG_AND_ID:CXX,GNU>:-fopenmp>)
if(SWIFTAVATAR_SANITIZE MATCHES undefined)
  target_compile_options(libtorch INTERFACE -fno-sanitize=vptr)  # it asks for type information that LibTorch hides
endif()
if(SWIFTAVATAR_CUDA)
  import_torch_library(c10_cuda)
  import_torch_library(torch_cuda)
  # No symbol of torch_cuda is used by name, so the linker would drop it and torch would see no GPU (pytorch#36437).
  target_link_options(libtorch INTERFACE "LINKER:--no-as-needed,${torch_dir}/lib/libtorch_cuda.so,--as-needed")
  target_link_libraries(libtorch INTERFACE torch_cuda c10_cuda)
endif()

# Who links LibTorch finds it where the wheels lie, in the build tree and when installed; or, for packages, beside itself.
option(SWIFTAVATAR_BUNDLE_LIBTORCH "Install LibTorch with the program; the installation may then be moved to other machines" OFF)
set(CMAKE_BUILD_RPATH "$ORIGIN/../lib" ${torch_lib_dirs})
if(SWIFTAVATAR_BUNDLE_LIBTORCH)
  # RPATH, unlike RUNPATH, also counts for what the libraries found by it need in their turn.
  set(CMAKE_INSTALL_RPATH "$ORIGIN/../${SWIFTAVATAR_LIBRARY_DIR}" "$ORIGIN")
  add_link_options(LINKER:--disable-new-dtags)
  foreach(name libtorch_cpu.so libc10.so libgomp.so.1 libcudart.so.13 libcupti.so.13)
    file(GLOB library ${torch_dir}/lib/${name} ${SWIFTAVATAR_SITE_PACKAGES}/nvidia/*/lib/${name})
    install(FILES ${library} DESTINATION ${SWIFTAVATAR_LIBRARY_DIR})
  endforeach()
else()
  set(CMAKE_INSTALL_RPATH "$ORIGIN/../${SWIFTAVATAR_LIBRARY_DIR}" ${torch_lib_dirs})
endif()
