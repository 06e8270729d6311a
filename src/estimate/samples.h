#pragma once
// Pixels in linear light, and their means and medians.

#include <vector>

#include <opencv2/core.hpp>

namespace swiftavatar {

/// A pixel in linear light (0..1) with its luminance.
struct Sample {
  cv::Vec3d linear;
  double luminance;
};

Sample sample_of(const cv::Vec3b& rgb);

/// The samples whose luminance rank lies in [low, high): drops gloss above and shadow below.
std::vector<Sample> between(std::vector<Sample> samples, double low, double high);

/// Of linear light; black of no samples.
cv::Vec3d mean(const std::vector<Sample>& samples);

/// Channel by channel; there must be samples.
cv::Vec3d median(const std::vector<Sample>& samples);

}  // namespace swiftavatar
