// Part colours that survive shadow, gloss and coloured light.

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include <opencv2/imgproc.hpp>

#include "estimate/iris.h"
#include "estimate/lab.h"
#include "estimate/samples.h"
#include "swiftavatar/estimate.h"
#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

constexpr int kSize = 256;           // side of the square that is measured
constexpr int kLeastEye = 30;        // pixels of an eye that is seen
constexpr double kCorrection = 0.5;  // share of the estimated cast that is taken out: the estimate is only half right

/// The crop and its parts, at one size.
class Regions {
 public:
  Regions(const cv::Mat& aligned, const std::vector<cv::Mat>& parts) {
    cv::resize(aligned, image_, {kSize, kSize}, 0, 0, aligned.rows > kSize ? cv::INTER_AREA : cv::INTER_LINEAR);
    for (const cv::Mat& plane : parts) {
      cv::Mat probability;
      cv::resize(plane, probability, {kSize, kSize}, 0, 0, cv::INTER_LINEAR);
      masks_.push_back(probability > 0.5);
    }
  }

  const cv::Mat& image() const { return image_; }
  const cv::Mat& mask(Part part) const { return masks_[static_cast<size_t>(part)]; }

  /// The part without its outermost `border` pixels, where it mixes with its neighbours.
  cv::Mat inside(Part part, int border) const {
    cv::Mat eroded;
    const cv::Mat disc = cv::getStructuringElement(cv::MORPH_ELLIPSE, {2 * border + 1, 2 * border + 1});
    cv::erode(mask(part), eroded, disc, {-1, -1}, 1, cv::BORDER_CONSTANT, cv::Scalar(255));
    return eroded;
  }

  std::vector<Sample> samples(const cv::Mat& where) const {
    std::vector<Sample> found;
    for (int y = 0; y < kSize; ++y) {
      for (int x = 0; x < kSize; ++x) {
        if (!where.at<uchar>(y, x)) continue;
        found.push_back(sample_of(image_.at<cv::Vec3b>(y, x)));
      }
    }
    return found;
  }

 private:
  cv::Mat image_;
  std::vector<cv::Mat> masks_;
};

cv::Vec3b to_srgb(const cv::Vec3d& linear) {
  cv::Vec3b rgb;
  for (int channel = 0; channel < 3; ++channel) rgb[channel] = cv::saturate_cast<uchar>(from_linear(linear[channel]));
  return rgb;
}

/// Mean distance in L*a*b* from the colour to the samples it was read off.
double spread(const std::vector<Sample>& samples, const cv::Vec3d& color) {
  const cv::Vec3d center = to_lab(to_srgb(color));
  const size_t step = samples.size() / 500 + 1;  // 500 samples are enough
  double sum = 0;
  int count = 0;
  for (size_t i = 0; i < samples.size(); i += step, ++count)
    sum += cv::norm(to_lab(to_srgb(samples[i].linear)) - center);
  return count ? sum / count : 0;
}

/// A cast of light: log of red and of blue over green, 0 for white light.
struct Cast {
  double red = 0, blue = 0, weight = 0;
};

Cast cast_of(const cv::Vec3d& linear, const cv::Vec2d& expected, double weight) {
  constexpr double kLargest = 0.5;  // a larger cast is a coloured object, not light
  const cv::Vec3d safe = linear + cv::Vec3d::all(1e-4);
  return {std::clamp(std::log(safe[0] / safe[1]) - expected[0], -kLargest, kLargest),
          std::clamp(std::log(safe[2] / safe[1]) - expected[1], -kLargest, kLargest), weight};
}

/// How white light would show each of them, as logs of red and blue over green in linear light. The white of an
/// eye is a warm white; photographed skin of any tone lies near one hue; a background is grey on average (grey-world).
const cv::Vec2d kEyeWhite(0.10, -0.10), kSkin(0.50, -0.52), kBackground(0, 0);

/// The light's cast from eye whites, skin and background; those with too few pixels do not count.
Cast estimate_light(const Regions& regions, const std::vector<Sample>& skin) {
  std::vector<Cast> witnesses;
  const std::vector<Sample> eyes = regions.samples(regions.inside(Part::eye, 1));
  if (eyes.size() >= 40) witnesses.push_back(cast_of(mean(between(eyes, 0.85, 0.97)), kEyeWhite, 0.45));
  if (skin.size() >= 200) witnesses.push_back(cast_of(mean(skin), kSkin, 0.35));
  const std::vector<Sample> background = regions.samples(regions.inside(Part::background, 4));
  if (background.size() >= 1000) witnesses.push_back(cast_of(mean(between(background, 0.1, 0.9)), kBackground, 0.2));
  Cast light;
  for (const Cast& witness : witnesses) {
    light.red += witness.weight * witness.red;
    light.blue += witness.weight * witness.blue;
    light.weight += witness.weight;
  }
  if (light.weight > 0) {
    light.red /= light.weight;
    light.blue /= light.weight;
  }
  return light;
}

/// Takes part of the cast out of a colour and keeps its luminance.
cv::Vec3d correct(const cv::Vec3d& linear, const Cast& light) {
  const cv::Vec3d balanced(linear[0] * std::exp(-kCorrection * light.red), linear[1],
                           linear[2] * std::exp(-kCorrection * light.blue));
  const double before = luminance(linear), after = luminance(balanced);
  return after > 1e-6 ? balanced * (before / after) : linear;
}

/// Skin above the mouth: below it a beard may be part of the skin.
std::vector<Sample> skin_samples(const Regions& regions) {
  cv::Mat where = regions.inside(Part::skin, 3) | regions.inside(Part::nose, 2);
  const cv::Moments mouth = cv::moments(regions.mask(Part::mouth), true);
  if (mouth.m00 > 50) {
    const int upper_lip = std::clamp(static_cast<int>(mouth.m01 / mouth.m00 - 0.04 * kSize), 0, kSize);
    where.rowRange(upper_lip, kSize) = 0;
  }
  return between(regions.samples(where), 0.25, 0.90);
}

/// Where a beard or a goatee grows, as pixels of the square; `mesh` in shares of it.
cv::Mat chin_region(std::span<const cv::Point2f> mesh) {
  // Round the chin from below the lower lip; the parser counts a beard as skin.
  constexpr int kOutline[] = {18, 83, 182, 194, 211, 170, 148, 152, 377, 395, 431, 418, 406, 313};
  std::vector<cv::Point> outline;
  for (const int point : kOutline) outline.emplace_back(mesh[point] * static_cast<float>(kSize));
  cv::Mat where = cv::Mat::zeros(kSize, kSize, CV_8U);
  cv::fillPoly(where, std::vector{outline}, cv::Scalar(255));
  return where;
}

/// Of the chin, the third that is least like the rest of the skin, darker or lighter: hair, where there is any.
std::vector<Sample> beard_samples(const Regions& regions, std::span<const cv::Point2f> mesh,
                                  const std::vector<Sample>& skin) {
  if (mesh.size() < static_cast<size_t>(kMeshPoints) || skin.size() < 200) return {};
  std::vector<Sample> chin = regions.samples(chin_region(mesh) & regions.mask(Part::skin));
  if (chin.size() < 60) return {};
  const bool lighter = luminance(mean(chin)) > luminance(mean(skin));
  return lighter ? between(std::move(chin), 0.67, 1.0) : between(std::move(chin), 0.0, 0.33);
}

/// The redder half of the mouth at middle luminance: lips without teeth and without the gap between them.
std::vector<Sample> lip_samples(const Regions& regions) {
  std::vector<Sample> mouth = between(regions.samples(regions.inside(Part::mouth, 1)), 0.10, 0.90);
  const auto redness = [](const Sample& sample) { return (sample.linear[0] + 1e-3) / (sample.linear[1] + 1e-3); };
  std::stable_sort(mouth.begin(), mouth.end(),
                   [&](const Sample& a, const Sample& b) { return redness(a) > redness(b); });
  mouth.resize(mouth.size() / 2);
  return mouth;
}

/// The middle of each eye without pupil and glint.
std::vector<Sample> iris_samples(const Regions& regions) {
  cv::Mat labels, stats, centers;
  const int count = cv::connectedComponentsWithStats(regions.mask(Part::eye), labels, stats, centers);
  cv::Mat where = cv::Mat::zeros(kSize, kSize, CV_8U);
  for (int i = 1; i < count; ++i) {
    if (stats.at<int>(i, cv::CC_STAT_AREA) < kLeastEye) continue;
    const int radius = std::max(2, cvRound(0.45 * stats.at<int>(i, cv::CC_STAT_HEIGHT)));
    const cv::Point center(cvRound(centers.at<double>(i, 0)), cvRound(centers.at<double>(i, 1)));
    cv::circle(where, center, radius, cv::Scalar(255), cv::FILLED);
  }
  return between(regions.samples(where & regions.mask(Part::eye)), 0.25, 0.75);
}

/// The commonest colour of a region that may hold several (a shirt and a tie): the fullest cell of a coarse L*a*b*
/// histogram with its neighbours.
std::vector<Sample> commonest(const std::vector<Sample>& samples) {
  constexpr double kCell = 12;
  using Cell = std::array<int, 3>;
  std::map<Cell, int> histogram;
  std::vector<Cell> cells;
  for (const Sample& sample : samples) {
    const cv::Vec3d lab = to_lab(to_srgb(sample.linear));
    Cell cell;
    for (int i = 0; i < 3; ++i) cell[i] = static_cast<int>(std::floor(lab[i] / kCell));
    ++histogram[cell];
    cells.push_back(cell);
  }
  if (histogram.empty()) return {};
  const Cell fullest = std::max_element(histogram.begin(), histogram.end(), [](const auto& a, const auto& b) {
                         return a.second < b.second;
                       })->first;
  std::vector<Sample> near;
  for (size_t i = 0; i < samples.size(); ++i) {
    bool neighbour = true;
    for (int axis = 0; axis < 3; ++axis) neighbour = neighbour && std::abs(cells[i][axis] - fullest[axis]) <= 1;
    if (neighbour) near.push_back(samples[i]);
  }
  return near;
}

/// Little chroma, and that little is a tint of all greys alike: a dark colour photo has little chroma too, but hues
/// that differ. A tint is what lies on a line over the lightness.
bool is_monochrome(const cv::Mat& image) {
  constexpr double kMostChroma = 3;  // mean
  constexpr double kMostBesides =
      0.08;  // mean distance from the tint, in lightness; dark colour photos have 0.13 and more
  cv::Mat small;
  cv::resize(image, small, {64, 64}, 0, 0, cv::INTER_AREA);
  std::vector<cv::Vec3d> pixels;
  for (const cv::Vec3b& pixel : cv::Mat_<cv::Vec3b>(small)) pixels.push_back(to_lab(pixel));
  const auto count = static_cast<double>(pixels.size());
  cv::Vec3d middle;
  double chroma = 0;
  for (const cv::Vec3d& lab : pixels) {
    middle += lab / count;
    chroma += std::hypot(lab[1], lab[2]) / count;
  }
  if (chroma >= kMostChroma) return false;

  cv::Vec3d covariance;  // of the lightness with each
  for (const cv::Vec3d& lab : pixels) covariance += (lab[0] - middle[0]) * (lab - middle);
  const cv::Vec3d slope = covariance[0] > 0 ? covariance / covariance[0] : cv::Vec3d();
  double besides = 0;
  for (const cv::Vec3d& lab : pixels) {
    const cv::Vec3d rest = lab - middle - (lab[0] - middle[0]) * slope;
    besides += std::hypot(rest[1], rest[2]) / count;
  }
  return besides <= kMostBesides * middle[0];
}

}  // namespace

FaceColors measure_colors(const cv::Mat& aligned, const std::vector<cv::Mat>& parts,
                          std::span<const cv::Point2f> mesh) {
  FaceColors colors;
  const Regions regions(aligned, parts);
  if (is_monochrome(regions.image())) {
    colors.monochrome = true;
    return colors;
  }
  const std::vector<Sample> skin = skin_samples(regions);
  const Cast light = estimate_light(regions, skin);
  colors.cast = std::hypot(light.red, light.blue);
  const auto measure = [&](const std::string& role, const std::vector<Sample>& samples, size_t least, auto&& middle) {
    if (samples.size() < least) return;
    const cv::Vec3d color = middle(samples);
    const double enough = 1 - std::exp(-static_cast<double>(samples.size()) / (4.0 * least));
    colors.roles[role] = {to_srgb(correct(color, light)), enough * std::exp(-spread(samples, color) / 30)};
  };
  measure("skin", skin, 200, mean);
  measure("hair", between(regions.samples(regions.inside(Part::hair, 4)), 0.05, 0.90), 100, median);
  measure("lips", lip_samples(regions), 20, mean);
  const bool eyes_seen = cv::countNonZero(regions.mask(Part::eye)) >= kLeastEye;  // and not glass or hair before them
  const Irises irises = eyes_seen ? find_irises(regions.image(), mesh) : Irises{};
  measure("eyes", irises.iris.empty() ? iris_samples(regions) : irises.iris, 16, median);
  if (!irises.iris.empty() && skin.size() >= 200) colors.light_irises = light_irises(irises, mean(skin));
  measure("facial_hair", beard_samples(regions, mesh, skin), 20, median);
  measure("brows", between(regions.samples(regions.mask(Part::brow)), 0.10, 0.50), 30, mean);
  measure("clothes", commonest(regions.samples(regions.inside(Part::cloth, 3))), 100, mean);
  std::vector<Sample> hat = regions.samples(regions.inside(Part::hat, 3));
  if (hat.size() < 150) hat = regions.samples(regions.inside(Part::hat, 3) | regions.inside(Part::hair, 3));
  measure("headwear", commonest(hat), 150, mean);  // the parser takes a hat that it does not find for hair
  return colors;
}

}  // namespace swiftavatar
