#include "avatar/over_color.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(OverColor, MixesByStraightAlpha) {
  const cv::Mat_<cv::Vec4b> rgba =
      (cv::Mat_<cv::Vec4b>(1, 3) << cv::Vec4b(10, 20, 30, 255), cv::Vec4b(10, 20, 30, 0), cv::Vec4b(200, 0, 100, 51));
  const cv::Mat rgb = over_color(rgba, {100, 255, 0});
  ASSERT_EQ(rgb.type(), CV_8UC3);
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 0), cv::Vec3b(10, 20, 30));
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 1), cv::Vec3b(100, 255, 0));
  EXPECT_EQ(rgb.at<cv::Vec3b>(0, 2), cv::Vec3b(120, 204, 20));
}

}  // namespace
}  // namespace swiftavatar
