#include "gan/latent_spec.h"

#include "model/spec.h"

namespace swiftavatar {

namespace {

constexpr int64_t kMostParts = 128, kMostCodes = 1024, kMostDim = 4096, kMostExpanded = 65536;
constexpr double kLargest = 1e6;

/// The second of the outputs is the mask, [N,parts,H,W].
int64_t parts_of(const SpecView& generator) {
  if (!generator.has("outputs")) return kParts;
  const std::vector<SpecView> outputs = generator.at("outputs").items(16);
  return outputs.size() < 2 ? kParts : outputs[1].at("shape").at(1).integer(1, kMostParts);
}

}  // namespace

LatentSpec read_latent(const Bundle& bundle, const ModelEntry& generator) {
  const SpecView own(generator);
  const SpecView entry = own.has("latent") ? own.at("latent") : SpecView(bundle).at("latent");
  LatentSpec latent;
  latent.parts = parts_of(own);
  latent.dim = entry.at("dim").integer(1, kMostDim);
  latent.codes = entry.at("base_codes").integer(0, kMostCodes) + 2 * latent.parts;
  if (entry.has("expanded_codes")) latent.expanded = entry.at("expanded_codes").integer(0, kMostExpanded);
  const SpecView mean = entry.at("mean");
  const std::vector<SpecView> rows = mean.items(static_cast<size_t>(kMostCodes + 2 * kMostParts));
  if (static_cast<int64_t>(rows.size()) != latent.codes) {
    mean.refuse("has " + std::to_string(rows.size()) + " rows where base_codes + 2 x parts are " +
                std::to_string(latent.codes));
  }
  for (const SpecView& row : rows) {
    const std::vector<SpecView> values = row.items(static_cast<size_t>(kMostDim));
    if (static_cast<int64_t>(values.size()) != latent.dim) row.refuse("has not as many numbers as \"dim\" says");
    for (const SpecView& value : values) latent.mean.push_back(static_cast<float>(value.number(-kLargest, kLargest)));
  }
  return latent;
}

}  // namespace swiftavatar
