# ctest entries: one for each GoogleTest case (label unit), and one pytest run each for the command line (label cli) and
# the training package (label python). What takes minutes has the label heavy instead: files *_heavy_test.cpp, and
# pytest's marker `heavy`.
find_package(GTest REQUIRED)
include(GoogleTest)

# passive: threads that spin while they wait take minutes when ctest runs two tests at once on two cores.
set(test_environment OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive SWIFTAVATAR_SOURCE_DIR=${CMAKE_SOURCE_DIR})

# What the sanitizers' gates build: all unit tests and past crashers, and those of the layers that need no LibTorch.
add_custom_target(unit_tests)
add_custom_target(unit_tests_plain)
set(plain_layers base image face avatar evaluate draft)

function(add_unit_tests target label layer)
  if(NOT ARGN)
    return()
  endif()
  add_executable(${target} ${ARGN})
  target_link_libraries(${target} PRIVATE swiftavatar_${layer} GTest::gtest GTest::gtest_main opencv_imgcodecs)
  add_dependencies(${target} swiftavatar-decode swiftavatar-draw fake_decoder fake_drawer without_sandbox swiftavatar_codecs)
  if(NOT layer IN_LIST plain_layers)
    add_dependencies(${target} swiftavatar_networks)
  elseif(label STREQUAL unit)
    add_dependencies(unit_tests_plain ${target})
  endif()
  if(label STREQUAL unit)
    add_dependencies(unit_tests ${target})
  endif()
  target_include_directories(${target} PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
  target_compile_definitions(${target} PRIVATE SWIFTAVATAR_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  # -fPIC: as a position independent executable, a test that has LibTorch before the late library (below) would have copies
  # of LibTorch's variables, which that does not know of; and these tests take LibTorch's precompiled headers from a library.
  target_compile_options(${target} PRIVATE -fPIC)
  if(layer MATCHES "^(model|gan)$")
    precompile_headers(${target} torch)
  else()
    precompile_headers(${target} tests)
  endif()
  # PRE_TEST: the cases are listed when ctest runs, not at each link.
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60 TEST_PREFIX ${layer}.
    PROPERTIES LABELS ${label} ENVIRONMENT "${test_environment}" TIMEOUT 600)
endfunction()

foreach(layer base image cuda face model gan avatar estimate evaluate draft cli)
  set(dir ${CMAKE_SOURCE_DIR}/tests/unit/${layer})
  file(GLOB heavy CONFIGURE_DEPENDS ${dir}/*_heavy_test.cpp)
  file(GLOB light CONFIGURE_DEPENDS ${dir}/*_test.cpp)
  file(GLOB late CONFIGURE_DEPENDS ${dir}/*_late_test.cpp)
  list(REMOVE_ITEM light "" ${heavy} ${late})
  add_unit_tests(test_${layer} unit ${layer} ${light})
  add_unit_tests(test_${layer}_heavy heavy ${layer} ${heavy})
  # Tests of the inside of a late library: programs that have its sources, where the others load the library.
  if(late)
    add_unit_tests(test_${layer}_late unit ${layer} ${late})
    target_link_libraries(test_${layer}_late PRIVATE swiftavatar_${layer}_late)
  endif()
endforeach()
# GCC 12 warns of std::regex itself when it compiles for the sanitizers.
set_source_files_properties(tests/unit/avatar/drawing_names_test.cpp tests/unit/avatar/svg_test.cpp
  PROPERTIES COMPILE_OPTIONS -Wno-maybe-uninitialized)

# These tests write small TorchScript networks, so that LibTorch is there before the late library.
foreach(layer model gan)
  if(TARGET test_${layer})
    target_link_libraries(test_${layer} PRIVATE libtorch)
  endif()
endforeach()

# Tests of HEIF encode it.
target_link_libraries(test_image PRIVATE ${heif_library})

# The kernels compile for the GPUs of the preset cuda, also where no CUDA LibTorch is linked. Skipped without nvcc.
find_program(NVCC nvcc HINTS /usr/local/cuda/bin)
foreach(source gpus pixel_kernels)
  foreach(architecture 80 90)
    set(name nvcc.${source}.sm_${architecture})
    if(NVCC)
      add_test(NAME ${name} COMMAND ${NVCC} -std=c++17 -arch=sm_${architecture} -I${CMAKE_SOURCE_DIR}/src
        -c ${CMAKE_SOURCE_DIR}/src/cuda/${source}.cu -o ${CMAKE_BINARY_DIR}/${source}_sm_${architecture}.o)
    else()
      add_test(NAME ${name} COMMAND sh -c "echo 'no nvcc here: the kernels are not compiled'; exit 77")
    endif()
    set_tests_properties(${name} PROPERTIES LABELS unit SKIP_RETURN_CODE 77)
  endforeach()
endforeach()

# Workers that crash, stall, answer nonsense and try to get out; and what forbids the sandbox.
foreach(tool fake_decoder:image fake_drawer:draw)
  string(REPLACE ":" ";" tool ${tool})
  list(POP_FRONT tool name layer)
  add_executable(${name} tests/tools/${name}.cpp tests/tools/escape.cpp)
  target_link_libraries(${name} PRIVATE swiftavatar_${layer})
endforeach()
add_dependencies(fake_decoder swiftavatar_codecs)
add_executable(without_sandbox tests/tools/without_sandbox.cpp)
target_link_libraries(without_sandbox PRIVATE PkgConfig::SECCOMP)

# What tests of pictures compare with Pillow.
add_executable(decode_picture tests/tools/decode_picture.cpp)
target_link_libraries(decode_picture PRIVATE swiftavatar_image)
add_dependencies(decode_picture swiftavatar-decode swiftavatar_codecs)

# What Python tests compare with DiceBear's own core, and with training's landmarks.
add_executable(draw_avatars tests/tools/draw_avatars.cpp)
target_link_libraries(draw_avatars PRIVATE swiftavatar_avatar)
add_executable(face_landmarks tests/tools/face_landmarks.cpp)
target_link_libraries(face_landmarks PRIVATE swiftavatar_model)
add_dependencies(draw_avatars swiftavatar-draw swiftavatar_codecs)
add_dependencies(face_landmarks swiftavatar_codecs swiftavatar_networks)

# add_pytest(name label folder marker [options]): the JUnit file gives scripts/test.sh the number of cases.
function(add_pytest name label folder marker)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/test_*.py)
  if(NOT files)
    return()
  endif()
  add_test(NAME pytest.${name} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    COMMAND ${CMAKE_SOURCE_DIR}/.deps/venv/bin/python -m pytest -q -m ${marker} ${ARGN}
      --junitxml=${CMAKE_BINARY_DIR}/test-results/${name}.xml ${folder})
  # 5: pytest found no test with this marker. SWIFTAVATAR: the program that the command line tests run.
  set_tests_properties(pytest.${name} PROPERTIES LABELS ${label} TIMEOUT 3600 SKIP_RETURN_CODE 5
    ENVIRONMENT "${test_environment};SWIFTAVATAR=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/swiftavatar")
endfunction()

# Each of these starts the program, which alone does not keep two cores busy.
add_pytest(cli cli tests/cli "not heavy" -n 2 --dist loadfile)
set_tests_properties(pytest.cli PROPERTIES PROCESSORS 2)
add_pytest(python python tests/python "not heavy")
add_pytest(cli-heavy heavy tests/cli heavy)
add_pytest(python-heavy heavy tests/python heavy)
