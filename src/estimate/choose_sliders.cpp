// Slider positions: a measure's rank among people; where there is none, the slider's own head.

#include <algorithm>
#include <cmath>
#include <optional>

#include "estimate/choose.h"
#include "estimate/fit_sliders.h"

namespace swiftavatar {
namespace {

constexpr double kLow = 0.05, kSpan = 0.9;  // ranks 0..1 fill the middle 90 % of a slider: its ends are caricatures

/// How far a measure is a trait of the person: rank correlation of the same people neutral and smiling (58 pairs;
/// jaw_width and, at rest, the widths of nose and mouth by `python -m swiftavatar_train.calibration.smile`, 63 pairs).
double reliability(const std::string& measure) {
  static const std::map<std::string, double> values = {
      {"face_width", 0.94},  {"jaw_width", 0.93},   {"forehead_height", 0.90},
      {"nose_length", 0.76}, {"brow_height", 0.92}, {"eye_spacing", 0.97},
      {"eye_size", 0.93},    {"nose_width", 0.78},  {"mouth_width", 0.74}};
  const auto found = values.find(measure);
  return found == values.end() ? 0.5 : found->second;
}

/// Share of people with a lesser measure, 0..1, linear between the quantiles.
double rank(double value, const std::vector<double>& quantiles) {
  const auto above = std::upper_bound(quantiles.begin(), quantiles.end(), value);
  if (above == quantiles.begin()) return 0;
  if (above == quantiles.end()) return 1;
  const auto index = static_cast<double>(above - quantiles.begin() - 1);
  const double low = *(above - 1), high = *above;
  return (index + (value - low) / (high - low)) / static_cast<double>(quantiles.size() - 1);
}

/// Expected position of a slider that follows an attribute, from its head's probabilities; nothing without a head.
std::optional<double> expected_position(const Slider& slider, const std::vector<HeadOutput>& heads) {
  double sum = 0, weight = 0;
  for (const HeadOutput& head : heads) {
    if (head.kind != HeadKind::attribute || head.name != slider.attribute) continue;
    for (size_t i = 0; i < head.options.size() && i < head.values.size(); ++i) {
      const auto position = slider.positions.find(head.options[i]);
      if (position == slider.positions.end()) continue;
      const double probability = std::exp(static_cast<double>(head.values[i]));
      sum += probability * position->second;
      weight += probability;
    }
  }
  if (weight <= 0) return std::nullopt;
  return sum / weight;
}

}  // namespace

void choose_sliders(const Engine& engine, const std::vector<HeadOutput>& heads,
                    const std::map<std::string, double>& measures, const MeasureScales& scales, Estimate& estimate) {
  constexpr double kHeadAlone = 0.5;  // confidence of a slider that only a head estimates
  std::map<std::string, double> head_positions;
  for (const HeadOutput& head : heads) {
    if (head.kind == HeadKind::slider && !head.values.empty())
      head_positions[head.name] = std::clamp<double>(head.values[0], 0, 1);
  }
  std::map<std::string, double> measured;  // slider -> position, of sliders with a measure of the photo
  for (const auto& [name, slider] : engine.sliders()) {
    const auto head = head_positions.find(name);
    const auto measure = measures.find(slider.measure);
    const auto scale = scales.find(slider.measure);
    double position = 0, confidence = 0;
    if (measure != measures.end() && scale != scales.end()) {
      double share = rank(measure->second, scale->second.quantiles);
      if (scale->second.invert) share = 1 - share;
      position = kLow + kSpan * share;
      confidence = reliability(slider.measure);
      measured[name] = position;
    } else if (const auto expected = expected_position(slider, heads)) {
      position = *expected;
      confidence = kHeadAlone;
    } else if (head != head_positions.end()) {
      position = head->second;
      confidence = kHeadAlone;
    } else {
      estimate.avatar.continuous[name] = slider.value;
      estimate.continuous[name] = 0;
      continue;
    }
    estimate.avatar.continuous[name] = slider.min + position * (slider.max - slider.min);
    estimate.continuous[name] = confidence;
  }
  fit_sliders(engine, measured, estimate.avatar);
}

}  // namespace swiftavatar
