#pragma once
// Irises by the mesh's own iris points, and whether they are brown or light.

#include <span>
#include <vector>

#include <opencv2/core.hpp>

#include "estimate/samples.h"

namespace swiftavatar {

/// Samples of both eyes.
struct Irises {
  std::vector<Sample> iris;   ///< of middle luminance: without pupil, lashes and glint; empty where too little is seen
  std::vector<Sample> white;  ///< the brighter part of what lies beside the iris
};

/// `crop` CV_8UC3 RGB, square; `mesh` 478 points in shares (0..1) of its side.
Irises find_irises(const cv::Mat& crop, std::span<const cv::Point2f> mesh);

/// Log-odds that the irises are blue, grey or green and not brown, from their light relative to that of the eyes' white
/// and of the skin (linear, 0..1), since coloured light falls on all three. The constants below are added for the
/// person's skin and hair. All were fitted by scripts/train/swiftavatar_train/calibration/iris_color.py.
double light_irises(const Irises& irises, const cv::Vec3d& skin);
constexpr double kIrisesOfTone4 = -2.16, kIrisesOfDarkSkin = -3.23, kIrisesOfBlackHair = -1.38;  // dark: tones 5 to 10

}  // namespace swiftavatar
