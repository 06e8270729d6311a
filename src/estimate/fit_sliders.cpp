#include "estimate/fit_sliders.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

constexpr int kSweeps = 4;  // over all sliders; what is left moves an anchor by less than a pixel

/// A measure of the drawn avatar; NaN where an anchor that it needs is missing.
double drawn_measure(const Engine& engine, const Avatar& avatar, const std::string& measure) {
  constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
  std::vector<cv::Point2f> mesh(kMeshPoints, {kMissing, kMissing});
  for (const auto& [index, point] : engine.anchors(avatar)) {
    if (index >= 0 && index < kMeshPoints) mesh[index] = point;
  }
  const auto measures = measure_face(mesh);
  const auto found = measures.find(measure);
  return found == measures.end() ? kMissing : found->second;
}

double measure_at(const Engine& engine, Avatar avatar, const std::string& slider, double value) {
  avatar.continuous[slider] = value;
  return drawn_measure(engine, avatar, engine.sliders().at(slider).measure);
}

/// From position `rank` (0..1) towards `wanted`, which may lie beyond the range: no further than a fifth of the range,
/// for a slider is to tell of its own measure, and never to its end, which is a caricature.
double soften(double rank, double wanted) {
  constexpr double kLargest = 0.2, kWhole = 0.35, kMost = 0.6;  // the last two: shares of the room up to the end
  const double room = wanted > rank ? 1 - rank : rank;
  if (room <= 0) return rank;
  double way = std::min(std::abs(wanted - rank), kLargest) / room;
  if (way > kWhole) way = kWhole + (kMost - kWhole) * (1 - std::exp(-(way - kWhole) / (kMost - kWhole)));
  return rank + std::copysign(room * way, wanted - rank);
}

}  // namespace

void fit_sliders(const Engine& engine, const std::map<std::string, double>& positions, Avatar& avatar) {
  Avatar drawn = engine.check(avatar).value();     // with everything that a picture needs
  const Avatar neutral = engine.default_avatar();  // a long head must not make everybody with it look long
  std::map<std::string, double> targets;
  for (const auto& [name, position] : positions) {
    const Slider& slider = engine.sliders().at(name);
    const double target = measure_at(engine, neutral, name, slider.min + position * (slider.max - slider.min));
    if (std::isfinite(target)) targets[name] = target;
  }
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const auto& [name, target] : targets) {
      const Slider& slider = engine.sliders().at(name);
      const double low = measure_at(engine, drawn, name, slider.min),
                   high = measure_at(engine, drawn, name, slider.max);
      const double middle = measure_at(engine, drawn, name, slider.value);
      if (!std::isfinite(low) || !std::isfinite(middle) || !std::isfinite(high) || low == high) continue;
      // Drives are linear on either side of the default, so measures are nearly so: one secant a sweep is enough.
      const bool below = low < high ? target < middle : target > middle;
      const double from = below ? low : middle, to = below ? middle : high;
      const double start = below ? slider.min : slider.value, end = below ? slider.value : slider.max;
      const double share = from == to ? 0.0 : (target - from) / (to - from);
      const double wanted = (start + share * (end - start) - slider.min) / (slider.max - slider.min);
      const double position = soften(positions.at(name), wanted);
      drawn.continuous[name] = avatar.continuous[name] = slider.min + position * (slider.max - slider.min);
    }
  }
}

}  // namespace swiftavatar
