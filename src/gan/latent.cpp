#include "gan/latent.h"

namespace swiftavatar {

Latent Latent::read(const Bundle& bundle, const TorchModule& generator) {
  const LatentSpec spec = read_latent(bundle, generator.entry());
  return generator.guarded([&] {
    return Latent{.parts = spec.parts,
                  .dim = spec.dim,
                  .codes = spec.codes,
                  .expanded = spec.expanded,
                  .mean = torch::tensor(spec.mean).reshape({1, spec.codes, spec.dim}).to(generator.device())};
  });
}

}  // namespace swiftavatar
