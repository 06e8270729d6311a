#include "estimate/choose.h"

#include <algorithm>
#include <cmath>

namespace swiftavatar {

const std::map<std::string, std::vector<std::vector<std::string>>>& attribute_groups() {
  // Two readers of the same photos agree on these groups; inside them (dark brown or brown, goatee or beard) less
  // often.
  static const std::map<std::string, std::vector<std::vector<std::string>>> groups = {
      {"glasses", {{"none"}, {"eyeglasses", "sunglasses"}}},
      {"facial_hair", {{"none", "stubble"}, {"moustache", "goatee", "beard"}}},
      {"hair_length", {{"bald", "very_short", "short"}, {"medium", "long"}, {"tied"}}},
      {"hair_texture", {{"straight"}, {"wavy"}, {"curly"}}},
      {"fringe", {{"yes"}, {"no"}}},
      {"hair_color", {{"black"}, {"dark_brown", "brown"}, {"blond"}, {"red"}, {"gray_white"}}},
      {"headwear", {{"none"}, {"hat", "headscarf", "turban", "other"}}},
      {"mouth", {{"closed"}, {"teeth"}}},
      {"earrings", {{"yes"}, {"no"}}},
      {"lines", {{"none"}, {"some"}, {"deep"}}},
  };
  return groups;
}

std::map<std::string, double> group_first(const std::string& attribute,
                                          const std::map<std::string, double>& log_probabilities) {
  constexpr double kInside = 0.25;
  std::map<std::string, double> scores = log_probabilities;
  const auto groups = attribute_groups().find(attribute);
  if (groups == attribute_groups().end()) return scores;
  for (const auto& group : groups->second) {
    double probability = 0;
    for (const std::string& value : group) {
      const auto found = log_probabilities.find(value);
      if (found != log_probabilities.end()) probability += std::exp(found->second);
    }
    if (probability <= 0) continue;
    for (const std::string& value : group) {
      const auto found = scores.find(value);
      if (found == scores.end()) continue;
      found->second = std::log(probability) + kInside * (found->second - std::log(probability));
    }
  }
  return scores;
}

LogProbabilities choice_heads(const std::vector<HeadOutput>& heads, HeadKind kind) {
  constexpr double kFloor = -12;  // one head that is absolutely sure must not outvote all the others
  LogProbabilities result;
  for (const HeadOutput& head : heads) {
    if (head.kind != kind) continue;
    auto& options = result[head.name];
    for (size_t i = 0; i < head.options.size() && i < head.values.size(); ++i) {
      options[head.options[i]] = std::max<double>(head.values[i], kFloor);
    }
    if (kind == HeadKind::attribute) options = group_first(head.name, options);
  }
  return result;
}

Estimate choose_avatar(const Engine& engine, const Semantics& semantics, const std::vector<HeadOutput>& heads,
                       const std::map<std::string, double>& measures, const MeasureScales& scales,
                       const FaceColors& colors) {
  Estimate estimate;
  estimate.avatar = semantics.start(engine);
  const LogProbabilities attributes = choice_heads(heads, HeadKind::attribute);
  choose_colors(engine, semantics, attributes, colors, estimate);
  choose_variants(engine, semantics, attributes, choice_heads(heads, HeadKind::discrete),
                  choice_heads(heads, HeadKind::style), estimate);
  choose_sliders(engine, heads, measures, scales, estimate);
  return estimate;
}

}  // namespace swiftavatar
