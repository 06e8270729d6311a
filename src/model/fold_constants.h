#pragma once
// What a TorchScript file computes of constants alone, computed once. Internal to the model layer.

#include <torch/script.h>

namespace swiftavatar {

/// In every method of a module. Files may store weights in half precision and convert them by their code; the plain
/// interpreter would do that at each call, and the passes that look for constant weights would find none.
void fold_constants(torch::jit::Module& module);

}  // namespace swiftavatar
