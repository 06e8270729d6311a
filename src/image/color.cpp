// Colours: hex, CIE L*a*b*, and CIEDE2000 (Sharma, Wu, Dalal 2005, "The CIEDE2000 color-difference formula:
// implementation notes, supplementary test data, and mathematical observations").

#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "swiftavatar/image.h"

namespace swiftavatar {

namespace {

constexpr double kDegrees = std::numbers::pi / 180;

double lab_curve(double ratio) {
  constexpr double kEpsilon = 216.0 / 24389, kKappa = 24389.0 / 27;
  return ratio > kEpsilon ? std::cbrt(ratio) : (kKappa * ratio + 16) / 116;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

double hue_degrees(double a, double b) {
  if (a == 0 && b == 0) return 0;
  const double hue = std::atan2(b, a) / kDegrees;
  return hue < 0 ? hue + 360 : hue;
}

/// c^7 / (c^7 + 25^7), of the chroma terms.
double chroma_share(double c) {
  const double seventh = std::pow(c, 7);
  return std::sqrt(seventh / (seventh + std::pow(25.0, 7)));
}

}  // namespace

double to_linear(uint8_t level) {
  static const std::array<double, 256> table = [] {
    std::array<double, 256> values;
    for (size_t i = 0; i < values.size(); ++i) {
      const double value = static_cast<double>(i) / 255;
      values[i] = value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
    }
    return values;
  }();
  return table[level];
}

std::string to_hex(const cv::Vec3b& rgb) {
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", rgb[0], rgb[1], rgb[2]);
  return text;
}

Result<cv::Vec3b> from_hex(const std::string& hex) {
  const Error error{ErrorCode::usage, "'" + hex + "' is not a colour; write it as #rrggbb."};
  if (hex.size() != 7 || hex[0] != '#') return error;
  cv::Vec3b rgb;
  for (int channel = 0; channel < 3; ++channel) {
    const int high = hex_digit(hex[1 + 2 * channel]), low = hex_digit(hex[2 + 2 * channel]);
    if (high < 0 || low < 0) return error;
    rgb[channel] = static_cast<uint8_t>(high * 16 + low);
  }
  return rgb;
}

cv::Vec3d to_lab(const cv::Vec3b& rgb) {
  const double r = to_linear(rgb[0]), g = to_linear(rgb[1]), b = to_linear(rgb[2]);
  // To XYZ relative to the white point: each row of the IEC 61966-2-1 matrix, divided by its sum.
  const double x = lab_curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const double y = lab_curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const double z = lab_curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0890);
  return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

double ciede2000(const cv::Vec3d& lab1, const cv::Vec3d& lab2) {
  const double mean_c = (std::hypot(lab1[1], lab1[2]) + std::hypot(lab2[1], lab2[2])) / 2;
  const double stretch = 1 + 0.5 * (1 - chroma_share(mean_c));
  const double a1 = lab1[1] * stretch, a2 = lab2[1] * stretch;
  const double c1 = std::hypot(a1, lab1[2]), c2 = std::hypot(a2, lab2[2]);
  const double h1 = hue_degrees(a1, lab1[2]), h2 = hue_degrees(a2, lab2[2]);

  double hue_step = 0, hue_sum = h1 + h2;
  double hue_mean = hue_sum;  // where a colour is grey, its hue is 0 and the other's counts
  if (c1 * c2 != 0) {
    hue_step = h2 - h1;
    if (hue_step > 180) hue_step -= 360;
    if (hue_step < -180) hue_step += 360;
    if (std::abs(h1 - h2) > 180) hue_sum += hue_sum < 360 ? 360 : -360;
    hue_mean = hue_sum / 2;
  }
  const double d_l = lab2[0] - lab1[0], d_c = c2 - c1;
  const double d_h = 2 * std::sqrt(c1 * c2) * std::sin(hue_step / 2 * kDegrees);

  const double l_mean = (lab1[0] + lab2[0]) / 2, c_mean = (c1 + c2) / 2;
  const double t = 1 - 0.17 * std::cos((hue_mean - 30) * kDegrees) + 0.24 * std::cos(2 * hue_mean * kDegrees) +
                   0.32 * std::cos((3 * hue_mean + 6) * kDegrees) - 0.20 * std::cos((4 * hue_mean - 63) * kDegrees);
  const double l_offset = (l_mean - 50) * (l_mean - 50);
  const double s_l = 1 + 0.015 * l_offset / std::sqrt(20 + l_offset);
  const double s_c = 1 + 0.045 * c_mean, s_h = 1 + 0.015 * c_mean * t;
  const double blue_turn = 30 * std::exp(-std::pow((hue_mean - 275) / 25, 2));
  const double rotation = -2 * chroma_share(c_mean) * std::sin(2 * blue_turn * kDegrees);
  const double l = d_l / s_l, c = d_c / s_c, h = d_h / s_h;
  return std::sqrt(l * l + c * c + h * h + rotation * c * h);
}

}  // namespace swiftavatar
