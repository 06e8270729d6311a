#pragma once
// Computes a generator as the published code does, for comparison. Internal to the gan layer.

#include "model/torch_module.h"

namespace swiftavatar {

/// Runs the method `published` of an imported generator (scripts/train/swiftavatar_train/official/published_way.py) on
/// copies of its weights that take gradients, as the published code leaves them.
class PublishedWay {
 public:
  /// Throws Failure(usage) where the generator has no such method.
  explicit PublishedWay(const TorchModule& generator);

  /// RGB, mask and coarse mask of W+ or expanded codes.
  std::vector<torch::Tensor> run(const TorchModule& generator, const torch::Tensor& codes) const;

 private:
  c10::List<torch::Tensor> weights_;
};

}  // namespace swiftavatar
