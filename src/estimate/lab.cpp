#include "estimate/lab.h"

#include <algorithm>
#include <cmath>

namespace swiftavatar {

double from_linear(double linear) {
  const double value = std::clamp(linear, 0.0, 1.0);
  return 255 * (value <= 0.0031308 ? 12.92 * value : 1.055 * std::pow(value, 1 / 2.4) - 0.055);
}

cv::Vec3b from_lab(const cv::Vec3d& lab) {
  // CIE 15: the inverse of f(t) = t^(1/3), linear below (6/29)^3; white point D65.
  const auto inverse = [](double f) {
    constexpr double kBend = 6.0 / 29;
    return f > kBend ? f * f * f : 3 * kBend * kBend * (f - 4.0 / 29);
  };
  const double fy = (lab[0] + 16) / 116;
  const double x = 0.95047 * inverse(fy + lab[1] / 500), y = inverse(fy), z = 1.08883 * inverse(fy - lab[2] / 200);
  const double linear[3] = {3.2404542 * x - 1.5371385 * y - 0.4985314 * z,
                            -0.9692660 * x + 1.8760108 * y + 0.0415560 * z,
                            0.0556434 * x - 0.2040259 * y + 1.0572252 * z};
  cv::Vec3b rgb;
  for (int channel = 0; channel < 3; ++channel) rgb[channel] = cv::saturate_cast<uchar>(from_linear(linear[channel]));
  return rgb;
}

}  // namespace swiftavatar
