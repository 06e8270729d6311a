#include "gan/recipe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace swiftavatar {

using nlohmann::json;

Recipe Recipe::own(const TorchModule& generator) {
  Recipe recipe;
  const json given = generator.entry().spec.value("inversion", json::object());
  try {
    recipe.learning_rate = given.value("lr", recipe.learning_rate);
    recipe.mask_scale = given.value("mask_scale", recipe.mask_scale);
    const json weights = given.value("weights", json::object());
    recipe.pixel = weights.value("pixel", recipe.pixel);
    recipe.chroma = weights.value("chroma", recipe.chroma);
    recipe.perceptual = weights.value("perceptual", recipe.perceptual);
    recipe.parts = weights.value("parts", recipe.parts);
    recipe.color = weights.value("color", recipe.color);
    recipe.mean = weights.value("mean", recipe.mean);
  } catch (const json::exception&) {
    generator.refuse("the manifest's \"inversion\" {lr, mask_scale, weights} is malformed");
  }
  return recipe;
}

Recipe Recipe::official() {
  return {.learning_rate = 0.1,
          .second_beta = 0.999,
          .pixel = 0,
          .square = 0.1,
          .chroma = 0,
          .perceptual = 1,
          .parts = 0,
          .color = 0,
          .mean = 1,
          .perceptual_size = 256,
          .perceptual_every = 1,
          .from_encoder = false,
          .best = false,
          .ramp = true};
}

double Recipe::rate(int step, int steps) const {
  const double passed = static_cast<double>(step) / steps;
  if (!ramp) return learning_rate * (1 - 0.9 * passed);
  constexpr double kUp = 0.05, kDown = 0.25;  // shares of the steps
  const double down = std::min(1.0, (1 - passed) / kDown);
  return learning_rate * std::min(1.0, passed / kUp) * (0.5 - 0.5 * std::cos(down * std::numbers::pi));
}

}  // namespace swiftavatar
