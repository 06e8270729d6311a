#pragma once
// Computes once what a TorchScript file computes from constants alone. Internal to the model layer.

#include <torch/script.h>

namespace swiftavatar {

/// Folds constants in every method of a module. Files may store weights in half precision and convert them in code. The
/// interpreter would convert at each call, and the passes that look for constant weights would find none.
void fold_constants(torch::jit::Module& module);

}  // namespace swiftavatar
