#pragma once
// The codes of a generator, with LibTorch. Internal to the gan layer.

#include <cstdint>

#include "gan/latent_spec.h"
#include "model/torch_module.h"

namespace swiftavatar {

/// LatentSpec with the mean code where the generator runs.
struct Latent {
  int64_t parts = 0, dim = 0, codes = 0, expanded = 0;
  torch::Tensor mean;  ///< [1, codes, dim]

  /// Throws Failure: as read_latent, out_of_memory, device_failed.
  static Latent read(const Bundle& bundle, const TorchModule& generator);
};

}  // namespace swiftavatar
