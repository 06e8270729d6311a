#include "estimate/samples.h"

#include <algorithm>
#include <cmath>

#include "estimate/lab.h"
#include "swiftavatar/image.h"

namespace swiftavatar {

Sample sample_of(const cv::Vec3b& rgb) {
  const cv::Vec3d linear(to_linear(rgb[0]), to_linear(rgb[1]), to_linear(rgb[2]));
  return {linear, luminance(linear)};
}

std::vector<Sample> between(std::vector<Sample> samples, double low, double high) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.luminance < b.luminance; });
  const auto rank = [&](double share) { return static_cast<std::ptrdiff_t>(std::lround(share * samples.size())); };
  return {samples.begin() + rank(low), samples.begin() + rank(high)};
}

cv::Vec3d mean(const std::vector<Sample>& samples) {
  cv::Vec3d sum(0, 0, 0);
  for (const Sample& sample : samples) sum += sample.linear;
  return sum / static_cast<double>(std::max<size_t>(samples.size(), 1));
}

cv::Vec3d median(const std::vector<Sample>& samples) {
  cv::Vec3d result;
  for (int channel = 0; channel < 3; ++channel) {
    std::vector<double> values;
    values.reserve(samples.size());
    for (const Sample& sample : samples) values.push_back(sample.linear[channel]);
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    result[channel] = values[values.size() / 2];
  }
  return result;
}

}  // namespace swiftavatar
