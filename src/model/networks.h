#pragma once
// The functions of model.h that need LibTorch, as libswiftavatar-networks.so exports them; networks.cpp asks it for
// them. Internal to the model and gan layers.

#include "base/late_library.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

/// The library with everything that needs LibTorch, loaded at the first call.
/// Throws Failure internal where it or LibTorch is missing.
const LateLibrary& network_library();

/// GPUs that this build can use: none unless CUDA LibTorch is linked and finds one.
int usable_gpus();

extern "C" {
decltype(usable_gpus) swiftavatar_usable_gpus;
decltype(limit_threads) swiftavatar_limit_threads;
decltype(torch_version) swiftavatar_torch_version;
decltype(uses_tf32) swiftavatar_uses_tf32;
decltype(load_detector) swiftavatar_load_detector;
decltype(load_parser) swiftavatar_load_parser;
decltype(load_estimator) swiftavatar_load_estimator;
}

}  // namespace swiftavatar
