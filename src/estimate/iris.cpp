#include "estimate/iris.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "face/eye_points.h"
#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

constexpr size_t kLeastIris = 24, kLeastWhite = 12;

// In radii of the iris: from the pupil's rim to the iris's, and where the white begins.
constexpr double kPupil = 0.35, kRim = 0.95, kWhite = 1.15;

constexpr double kDark = 2e-3;  // added to light before its logarithm

bool is_finite(std::span<const cv::Point2f> mesh, const EyePoints& eye) {
  const auto finite = [&](int point) { return std::isfinite(mesh[point].x) && std::isfinite(mesh[point].y); };
  return std::all_of(eye.iris.begin(), eye.iris.end(), finite) &&
         std::all_of(eye.outline.begin(), eye.outline.end(), finite);
}

/// The lids as a ring: the lower one inwards, the upper one back.
std::vector<cv::Point> ring(std::span<const cv::Point2f> mesh, const EyePoints& eye, float side) {
  constexpr size_t kLowerLid = 9;
  std::array<int, 16> points = eye.outline;
  std::reverse(points.begin() + kLowerLid, points.end());
  std::vector<cv::Point> lids;
  lids.reserve(points.size());
  for (const int point : points) lids.emplace_back(cvRound(mesh[point].x * side), cvRound(mesh[point].y * side));
  return lids;
}

cv::Vec3d log_ratio(const cv::Vec3d& one, const cv::Vec3d& other) {
  cv::Vec3d result;
  for (int i = 0; i < 3; ++i) result[i] = std::log((one[i] + kDark) / (other[i] + kDark));
  return result;
}

}  // namespace

Irises find_irises(const cv::Mat& crop, std::span<const cv::Point2f> mesh) {
  Irises found;
  if (mesh.size() < static_cast<size_t>(kMeshPoints)) return found;
  const float side = static_cast<float>(crop.rows);
  for (const EyePoints& eye : kEyePoints) {
    if (!is_finite(mesh, eye)) continue;
    const cv::Point2f center = mesh[eye.iris[0]] * side;
    double radius = 0;
    for (size_t i = 1; i < eye.iris.size(); ++i) radius += cv::norm(mesh[eye.iris[i]] * side - center) / 4;
    const std::vector<cv::Point> lids = ring(mesh, eye, side);
    const cv::Rect box = cv::boundingRect(lids) & cv::Rect(0, 0, crop.cols, crop.rows);
    if (box.empty() || radius < 1) continue;
    cv::Mat open = cv::Mat::zeros(box.size(), CV_8U);
    cv::fillPoly(open, std::vector<std::vector<cv::Point>>{lids}, cv::Scalar(255), cv::LINE_8, 0, -box.tl());
    for (int y = 0; y < box.height; ++y) {
      for (int x = 0; x < box.width; ++x) {
        if (!open.at<uchar>(y, x)) continue;
        const cv::Point at = box.tl() + cv::Point(x, y);
        const double away = cv::norm(cv::Point2f(at.x + 0.5f, at.y + 0.5f) - center) / radius;
        if (away > kPupil && away < kRim) found.iris.push_back(sample_of(crop.at<cv::Vec3b>(at)));
        if (away > kWhite) found.white.push_back(sample_of(crop.at<cv::Vec3b>(at)));
      }
    }
  }
  if (found.iris.size() < kLeastIris || found.white.size() < kLeastWhite) return {};
  return {between(std::move(found.iris), 0.10, 0.75), between(std::move(found.white), 0.70, 0.97)};
}

double light_irises(const Irises& irises, const cv::Vec3d& skin) {
  static const cv::Vec3d kToSkin(2.16, 0.39, -0.46),
      kToWhite(-8.41, 1.65, 6.62);  // of log(iris / other): red, green, blue
  constexpr double kBias = 5.56;
  const cv::Vec3d iris = median(irises.iris);
  return kToSkin.dot(log_ratio(iris, skin)) + kToWhite.dot(log_ratio(iris, mean(irises.white))) + kBias;
}

}  // namespace swiftavatar
