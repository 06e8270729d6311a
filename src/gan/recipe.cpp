#include "gan/recipe.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "model/spec.h"

namespace swiftavatar {

Recipe Recipe::own(const ModelEntry& generator) {
  Recipe recipe;
  const auto read = [](const SpecView& group, const char* key, double least, double& value) {
    if (group.has(key)) value = group.at(key).number(least, 1e4);
  };
  const SpecView entry(generator);
  if (!entry.has("inversion")) return recipe;
  const SpecView given = entry.at("inversion");
  given.keys(64);
  read(given, "lr", 1e-9, recipe.learning_rate);
  read(given, "mask_scale", 0, recipe.mask_scale);
  if (!given.has("weights")) return recipe;
  const SpecView weights = given.at("weights");
  weights.keys(64);
  read(weights, "pixel", 0, recipe.pixel);
  read(weights, "chroma", 0, recipe.chroma);
  read(weights, "perceptual", 0, recipe.perceptual);
  read(weights, "parts", 0, recipe.parts);
  read(weights, "color", 0, recipe.color);
  read(weights, "mean", 0, recipe.mean);
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
