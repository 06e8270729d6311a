#pragma once
// CIE L*a*b* (D65) back to sRGB, and linear light: what the colour rules of this layer compute in.

#include <opencv2/core.hpp>

namespace swiftavatar {

/// The sRGB colour nearest to `lab` (channels outside the gamut are clamped). Inverse of to_lab.
cv::Vec3b from_lab(const cv::Vec3d& lab);

/// Light of one channel, 0..1, as an sRGB level 0..255 (clamped); to_linear (image.h) is the other way.
double from_linear(double linear);

/// Relative luminance (Rec. 709) of linear RGB.
inline double luminance(const cv::Vec3d& linear) {
  return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
}

}  // namespace swiftavatar
