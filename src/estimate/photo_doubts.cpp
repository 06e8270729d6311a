#include "estimate/photo_doubts.h"

#include <algorithm>
#include <cmath>

#include <opencv2/imgproc.hpp>

#include "estimate/samples.h"

namespace swiftavatar {
namespace {

// Of 441 training photos of people of many places the crop is too tight for 7, the face too dark on 2 and over-exposed
// on 6; no face is small.
constexpr float kFewPixels = 60;
constexpr double kTight = 0.6;       // of the place above the forehead
constexpr double kDark = 0.15;       // luminance that a twentieth of the face exceeds
constexpr double kVeryDark = 0.06;   // the same where skin is dark: in plain light that has 0.09 and more
constexpr double kWhite = 0.9;       // luminance without a drawing
constexpr double kMostWhite = 0.08;  // of the face

constexpr int kForehead = 10;           // the mesh's uppermost point, near the hairline
constexpr float kLeast = 0, kMost = 1;  // a crop in shares of its side

bool is_finite(const std::vector<cv::Point2f>& mesh) {
  return std::all_of(mesh.begin(), mesh.end(),
                     [](const cv::Point2f& point) { return std::isfinite(point.x) && std::isfinite(point.y); });
}

/// Luminances of the face's pixels, ascending; hair and ears do not count.
std::vector<double> luminances(const cv::Mat& crop, const std::vector<cv::Point2f>& mesh) {
  if (mesh.empty() || !is_finite(mesh)) return {};
  std::vector<cv::Point> points, outline;
  for (const cv::Point2f& point : mesh) {
    points.emplace_back(cv::Point2f(std::clamp(point.x, kLeast, kMost), std::clamp(point.y, kLeast, kMost)) *
                        static_cast<float>(crop.cols));
  }
  cv::convexHull(points, outline);
  cv::Mat face = cv::Mat::zeros(crop.size(), CV_8U);
  cv::fillConvexPoly(face, outline, cv::Scalar(255));
  std::vector<double> found;
  for (int y = 0; y < crop.rows; ++y) {
    for (int x = 0; x < crop.cols; ++x) {
      if (face.at<uchar>(y, x)) found.push_back(sample_of(crop.at<cv::Vec3b>(y, x)).luminance);
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// Whether skin of the tones 1 to 5 is likelier than not.
bool is_fair(const std::vector<HeadOutput>& heads) {
  double fair = 0;
  for (const HeadOutput& head : heads) {
    if (head.kind != HeadKind::attribute || head.name != "skin_tone") continue;
    for (size_t i = 0; i < head.options.size() && i < head.values.size(); ++i) {
      if (head.options[i].size() == 1 && head.options[i] <= "5") fair += std::exp(head.values[i]);
    }
  }
  return fair > 0.5;
}

}  // namespace

double share_outside(const cv::Matx23d& transform, int side, const std::vector<cv::Point2f>& mesh, cv::Size photo) {
  constexpr int kSteps = 32;
  if (mesh.size() <= kForehead || !is_finite(mesh)) return 0;
  const auto [left, right] =
      std::minmax_element(mesh.begin(), mesh.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
  const double from = std::clamp(left->x, kLeast, kMost) * side, to = std::clamp(right->x, kLeast, kMost) * side;
  const double below = std::clamp(mesh[kForehead].y, kLeast, kMost) * side;
  cv::Matx23d to_photo;
  cv::invertAffineTransform(transform, to_photo);
  int outside = 0;
  for (int row = 0; row < kSteps; ++row) {
    for (int column = 0; column < kSteps; ++column) {
      const cv::Vec2d at =
          to_photo * cv::Vec3d(from + (to - from) * (column + 0.5) / kSteps, below * (row + 0.5) / kSteps, 1);
      if (at[0] < 0 || at[1] < 0 || at[0] >= photo.width || at[1] >= photo.height) ++outside;
    }
  }
  return static_cast<double>(outside) / (kSteps * kSteps);
}

std::vector<std::string> photo_doubts(const AlignedFace& aligned, const std::vector<HeadOutput>& heads) {
  std::vector<std::string> doubts;
  const float size = aligned.face.size();
  if (size < kFewPixels) {
    doubts.push_back("The face has only " + std::to_string(static_cast<int>(size)) +
                     " pixels in the photo: details such as lines, hair texture and earrings are guesses.");
  }
  if (aligned.outside > kTight) {
    doubts.emplace_back("The photo cuts off the head above the forehead: hair and headwear are guesses.");
  }
  const std::vector<double> face = luminances(aligned.image, aligned.mesh);
  if (face.empty()) return doubts;
  if (face[face.size() * 19 / 20] < (is_fair(heads) ? kDark : kVeryDark)) {
    doubts.emplace_back("The face is very dark in the photo: its colours and details are guesses.");
  }
  const auto white = static_cast<double>(face.end() - std::upper_bound(face.begin(), face.end(), kWhite));
  if (white > kMostWhite * static_cast<double>(face.size())) {
    doubts.emplace_back("The face is over-exposed in the photo: its skin tone and lines are guesses.");
  }
  return doubts;
}

}  // namespace swiftavatar
