#include "gan/latent.h"

namespace swiftavatar {

using nlohmann::json;
using nlohmann::literals::operator""_json_pointer;

Latent Latent::read(const Bundle& bundle, const TorchModule& generator) {
  const json& spec = generator.entry().spec;
  try {
    const json& entry = spec.contains("latent") ? spec.at("latent") : bundle.manifest().at("latent");
    Latent latent;
    latent.parts = spec.value("/outputs/1/shape/1"_json_pointer, int64_t{kParts});
    latent.dim = entry.at("dim").get<int64_t>();
    latent.codes = entry.at("base_codes").get<int64_t>() + 2 * latent.parts;
    latent.expanded = entry.value("expanded_codes", int64_t{0});
    std::vector<float> mean;
    for (const json& row : entry.at("mean")) {
      const auto values = row.get<std::vector<float>>();
      mean.insert(mean.end(), values.begin(), values.end());
    }
    if (latent.parts < 1 || latent.dim < 1 || latent.codes < 1 ||
        static_cast<int64_t>(mean.size()) != latent.codes * latent.dim) {
      generator.refuse("the manifest's latent.mean is not base_codes + 2 x parts rows of dim numbers");
    }
    latent.mean = torch::tensor(mean).reshape({1, latent.codes, latent.dim}).to(generator.device());
    return latent;
  } catch (const json::exception&) {
    generator.refuse("the manifest's \"latent\" (dim, base_codes, mean) or the mask's shape is missing or malformed");
  }
}

}  // namespace swiftavatar
