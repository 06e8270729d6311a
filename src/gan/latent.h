#pragma once
// The codes of a generator as its bundle describes them. Internal to the gan layer.

#include <cstdint>

#include "model/torch_module.h"

namespace swiftavatar {

/// W+ is [N, codes, dim] with codes = base_codes + 2 x parts (a shape and a texture code each).
struct Latent {
  int64_t parts = 0;  ///< from the shape of the generator's mask; kParts where the manifest does not say
  int64_t dim = 0;
  int64_t codes = 0;
  int64_t expanded = 0;  ///< rows of the expanded space (one per layer and part), 0 where the generator has none
  torch::Tensor mean;    ///< [1, codes, dim]

  /// From the generator's own entry ("latent") or the bundle's; throws Failure(model_corrupt) where it is malformed.
  static Latent read(const Bundle& bundle, const TorchModule& generator);
};

}  // namespace swiftavatar
