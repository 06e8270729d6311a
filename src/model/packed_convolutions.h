#pragma once
// Convolutions of networks that only run forward, by oneDNN with reordered weights. Internal to the model layer.

#include <torch/script.h>

namespace swiftavatar {

/// Replaces, in the method `forward` of a frozen module whose constants are folded, each convolution with constant
/// weights by oneDNN's operator with the weights laid out once for each size of input; it includes a padding before it
/// and an activation after it. Results stay the same within rounding. For the CPU, and without gradients. Returns how
/// many were replaced: none where LibTorch has no oneDNN.
int pack_convolutions(torch::jit::Module& module);

}  // namespace swiftavatar
