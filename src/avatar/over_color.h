#pragma once

#include <opencv2/core.hpp>

namespace swiftavatar {

/// A picture with straight alpha (CV_8UC4 RGBA) over one colour: CV_8UC3 RGB.
cv::Mat over_color(const cv::Mat& rgba, const cv::Vec3b& color);

}  // namespace swiftavatar
