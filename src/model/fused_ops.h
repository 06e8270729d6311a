#pragma once
// Replaces plain ATen operators in a TorchScript graph by fused ones. Internal to the model layer.

#include <torch/script.h>

namespace swiftavatar {

/// How many places of a graph were replaced by each operator.
struct Fused {
  int bias_leaky = 0;   ///< additions, bias of a convolution, leaky ReLU and gain
  int up_fir_down = 0;  ///< convolutions by one filter for all channels

  int total() const { return bias_leaky + up_fir_down; }
};

/// Replaces what it finds in the method `forward`, whose constants are folded; the results and the gradients to the
/// inputs stay the same, within rounding. For inference: constants get no gradient.
Fused fuse(torch::jit::Module& module);

}  // namespace swiftavatar
