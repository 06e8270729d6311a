#pragma once
// The codes of a generator as its bundle describes them. Needs no LibTorch. Internal to the gan layer.

#include <cstdint>
#include <vector>

#include "swiftavatar/model.h"

namespace swiftavatar {

/// W+ is [N, codes, dim] with codes = base_codes + 2 x parts (a shape and a texture code each).
struct LatentSpec {
  int64_t parts = 0;        ///< by the shape of the generator's mask; kParts where the manifest does not tell it
  int64_t dim = 0;          ///< 1 to 4096
  int64_t codes = 0;        ///< at most 1281
  int64_t expanded = 0;     ///< rows of the expanded space (one per layer and part), 0 where the generator has none
  std::vector<float> mean;  ///< codes x dim numbers
};

/// From the generator's own entry ("latent") or the bundle's; throws Failure model_corrupt where it is malformed.
LatentSpec read_latent(const Bundle& bundle, const ModelEntry& generator);

}  // namespace swiftavatar
