// What an estimator's manifest entry says about the distribution of measures.

#include <algorithm>

#include "model/spec.h"
#include "swiftavatar/estimate.h"

namespace swiftavatar {

MeasureScales read_measure_scales(const ModelEntry& estimator) {
  constexpr size_t kMostMeasures = 256, kMostQuantiles = 4096;
  MeasureScales scales;
  const SpecView entry(estimator);
  if (!entry.has("measures")) return scales;
  const SpecView measures = entry.at("measures");
  for (const std::string& name : measures.keys(kMostMeasures)) {
    const SpecView measure = measures.at(name), quantiles = measure.at("quantiles");
    MeasureScale& scale = scales[name];
    for (const SpecView& quantile : quantiles.items(kMostQuantiles)) {
      scale.quantiles.push_back(quantile.number(-1e6, 1e6));
    }
    if (measure.has("invert")) scale.invert = measure.at("invert").flag();
    if (scale.quantiles.size() < 2 || !std::is_sorted(scale.quantiles.begin(), scale.quantiles.end())) {
      quantiles.refuse("needs at least two ascending numbers");
    }
  }
  return scales;
}

}  // namespace swiftavatar
