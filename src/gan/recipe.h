#pragma once
// How codes are optimised. Internal to the gan layer.

#include <cstdint>

#include "swiftavatar/model.h"

namespace swiftavatar {

/// Weights and schedule of one inversion by Adam (betas 0.9, 0.99 or as said).
struct Recipe {
  double learning_rate = 0.1;
  double second_beta = 0.99;
  double pixel = 2.0;  ///< weight of the mean absolute difference of RGB in -1..1
  double square = 0;   ///< of the mean squared difference
  double chroma =
      3.0;  ///< of the mean absolute difference of RGB less its luma, at 32 px: the perceptual network hardly sees it
  double perceptual = 1.25;  ///< of the perceptual distance
  double parts = 0.5;        ///< of the cross-entropy of the generator's mask against the parser's probabilities
  double color = 1.0;        ///< of the difference of each part's mean RGB, mean over the parts that the photo has
  double mean = 0.003;       ///< of the mean squared distance to the mean code
  double mask_scale = 5.0;   ///< the generator's mask times this are logits
  int64_t perceptual_size =
      128;  ///< pixels, at most; 64 takes a third less time, and inversions are nearer to other people's photos
  int perceptual_every = 2;  ///< steps: the perceptual term costs as much as all else; it counts so many times then
  bool from_encoder = true;  ///< false: start at the mean code
  bool best = true;          ///< the best codes seen; false: the last ones
  bool ramp = false;         ///< the rate of the published recipe; false: it falls to a tenth, line by line

  /// The project's own, with what the manifest's real_generator.inversion {lr, mask_scale, weights} changes. Throws
  /// Failure model_corrupt where that is malformed.
  static Recipe own(const ModelEntry& generator);
  /// SemanticStyleGAN's visualize/invert.py, with the bundle's perceptual network in the place of LPIPS-VGG.
  static Recipe official();

  /// Learning rate of a step of `steps`.
  double rate(int step, int steps) const;
};

}  // namespace swiftavatar
