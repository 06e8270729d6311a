// What a bundle's manifest says about its models, as every reader of it takes it: heads, inputs, measures, crops,
// parts, codes and the recipe of inversion.

#include <algorithm>
#include <cmath>

#include "bundle.h"
#include "gan/latent_spec.h"
#include "gan/recipe.h"
#include "model/spec.h"
#include "swiftavatar/estimate.h"

using namespace swiftavatar;

namespace {

/// Reads something; what it refuses is the manifest's fault.
template <class Read>
void reading(const Read& read) {
  try {
    read();
  } catch (const Failure& failure) {
    fuzz::require_error(failure.error(), 3);
  }
}

void read_estimator(const ModelEntry& entry) {
  reading([&] {
    const auto heads = head_specs(entry);
    fuzz::require(!heads.empty() && heads.size() == head_count(entry), "all heads are read");
    for (const HeadSpec& head : heads) {
      fuzz::require(head.offset >= 0 && head.width() >= 1 && head.offset + head.width() < 2 * kMostOutputs,
                    "a head lies in a row of numbers");
      fuzz::require(!head.is_choice() || head.bias.size() == head.options.size(), "there is a bias for each option");
      fuzz::require(head.temperature > 0 && std::isfinite(head.mean) && std::isfinite(head.std), "numbers are finite");
      for (const float bias : head.bias) fuzz::require(std::isfinite(bias), "numbers are finite");
    }
  });
  reading([&] {
    for (const InputSpec& input : input_specs(entry)) {
      fuzz::require(input.name == "points" || (input.size >= 1 && input.size <= 4096), "a picture has a size");
    }
  });
  reading([&] {
    for (const auto& [name, scale] : read_measure_scales(entry)) {
      fuzz::require(scale.quantiles.size() >= 2 && std::is_sorted(scale.quantiles.begin(), scale.quantiles.end()),
                    "quantiles ascend");
    }
  });
}

void read_networks(const Bundle& bundle, const ModelEntry& entry) {
  for (const char* group : {"inputs", "outputs"}) {
    reading([&] {
      const int side = picture_side(entry, group);
      fuzz::require(side >= 1 && side < 8192, "a picture has a size");
    });
  }
  reading([&] {
    const FrameSpec frame = frame_spec(bundle, entry.role, 256);
    fuzz::require(frame.crop >= 0.1 && frame.crop <= 10 && frame.size >= 256 && frame.size <= 4096,
                  "a frame can be cut out");
  });
  reading([&] {
    const LatentSpec latent = read_latent(bundle, entry);
    fuzz::require(latent.dim >= 1 && latent.parts >= 1 && latent.codes >= 2 && latent.expanded >= 0, "there are codes");
    fuzz::require(static_cast<int64_t>(latent.mean.size()) == latent.codes * latent.dim, "the mean code is whole");
  });
  reading([&] {
    const Recipe recipe = Recipe::own(entry);
    fuzz::require(recipe.learning_rate > 0 && std::isfinite(recipe.learning_rate), "a step goes somewhere");
  });
}

}  // namespace

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto opened = fuzz::open_bundle(data, size);
  if (!opened.ok()) return 0;
  const Bundle& bundle = opened.value();
  for (const auto& [role, entry] : bundle.entries()) {
    read_estimator(entry);
    read_networks(bundle, entry);
  }
  reading([&] { require_known_parts(bundle); });
  return 0;
}
