#pragma once
// From the heads, masks and landmarks of a face to an avatar, and how well avatars agree with labels.

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "swiftavatar/avatar.h"
#include "swiftavatar/face.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

/// A colour of one part of the face.
struct PartColor {
  cv::Vec3b rgb;
  double confidence = 0;  ///< 0..1: many pixels of little spread are sure
};

/// Colours measured on the photo, corrected for light; a role is absent when its part is not visible.
struct FaceColors {
  std::map<std::string, PartColor> roles;  ///< skin, hair, lips, eyes, brows, clothes, headwear
  double cast = 0;          ///< of the light: length of its logs of red and of blue over green, 0 (white) to 0.7
  bool monochrome = false;  ///< a black-and-white photo: there are no roles, engine defaults are used
  std::optional<double> light_irises;  ///< log-odds that the eyes are blue, grey or green, not brown or hazel, by their
                                       ///< colour, for fair people whose hair is not black
};

/// Robust part colours from the aligned crop (CV_8UC3 RGB, square) and its part probabilities (kParts planes CV_32F,
/// any square size). `mesh`: 478 points in shares of the crop's side, by which irises are found; without it, and where
/// too little of them is seen, they are the middle of the part `eye`, and `light_irises` is empty.
FaceColors measure_colors(const cv::Mat& aligned, const std::vector<cv::Mat>& parts,
                          std::span<const cv::Point2f> mesh = {});

/// How a face measure (measure_names()) is distributed over people: its rank among them is a slider's position.
struct MeasureScale {
  std::vector<double> quantiles;  ///< ascending, evenly spaced in rank: the first is the least, the last the largest
  bool invert = false;            ///< true: the slider falls where the measure rises
};
using MeasureScales = std::map<std::string, MeasureScale>;

/// `measures` of the manifest entry of an estimator: {name: {quantiles: [...], invert?: bool}}; none where it is
/// absent. Throws Failure model_corrupt when it is malformed.
MeasureScales read_measure_scales(const ModelEntry& estimator);

/// An avatar with a confidence (0..1) for each of its entries, keyed as Avatar's groups.
struct Estimate {
  Avatar avatar;
  std::map<std::string, double> discrete, continuous, colors;  ///< confidences
  std::vector<std::string> warnings;
};

/// Chooses the avatar: the joint choice of variants that the attribute and engine heads find most likely, sliders from
/// measures and heads, colours kept inside the chosen attribute value's cell. Works with any subset of heads: what
/// nothing is known about keeps the engine's default. `measures` is empty when the head is turned too far.
Estimate choose_avatar(const Engine& engine, const Semantics& semantics, const std::vector<HeadOutput>& heads,
                       const std::map<std::string, double>& measures, const MeasureScales& scales,
                       const FaceColors& colors);

/// Values of an attribute that count as one where avatars are compared with labels: people tell these groups apart, and
/// the values inside one not reliably. In an order of the vocabulary; values that are never compared are absent.
const std::map<std::string, std::vector<std::vector<std::string>>>& attribute_groups();

}  // namespace swiftavatar
