# precompile_headers(target set): headers that take seconds to read, in every source, are read once. The first target that
# asks for a set makes it, and the others take it from there, for which their compile options have to be the same.
set(precompiled_common <algorithm> <cmath> <filesystem> <functional> <map> <optional> <string> <string_view> <vector>
  <nlohmann/json.hpp> <opencv2/core.hpp> <opencv2/imgproc.hpp>)
set(precompiled_tests ${precompiled_common} <gtest/gtest.h>)
set(precompiled_torch <torch/script.h> <torch/optim.h>)

function(precompile_headers target set)
  get_property(first GLOBAL PROPERTY SWIFTAVATAR_PRECOMPILED_${set})
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  else()
    target_precompile_headers(${target} PRIVATE ${precompiled_${set}})
    set_property(GLOBAL PROPERTY SWIFTAVATAR_PRECOMPILED_${set} ${target})
  endif()
endfunction()
