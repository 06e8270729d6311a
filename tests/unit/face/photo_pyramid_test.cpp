#include "face/photo_pyramid.h"

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

namespace swiftavatar {
namespace {

/// Smooth in both directions, so that a sample in the wrong place has another value.
cv::Mat ramp(cv::Size size) {
  cv::Mat picture(size, CV_8UC3);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      picture.at<cv::Vec3b>(y, x) = cv::Vec3b(cv::saturate_cast<uchar>(255.0 * x / size.width),
                                              cv::saturate_cast<uchar>(255.0 * y / size.height), 90);
    }
  }
  return picture;
}

TEST(PhotoPyramid, ShowsASquareAsThePhotoItselfDoes) {
  for (const cv::Size size : {cv::Size(1600, 1200), cv::Size(1603, 1199)}) {
    const cv::Mat photo = ramp(size);
    const PhotoPyramid pyramid(photo, 128);
    for (const float side : {100.0f, 300.0f, 700.0f, 880.0f}) {
      for (const float angle : {0.0f, 1.5707963f, 3.1415927f, 0.4f}) {
        const Square square{.centre = {800, 600}, .side = side, .angle = angle};
        const cv::Mat expected = sample_square(photo, square, 128, cv::BORDER_CONSTANT);
        const cv::Mat sample = pyramid.sample(square, cv::BORDER_CONSTANT);
        EXPECT_LE(cv::norm(sample(cv::Rect(8, 8, 112, 112)), expected(cv::Rect(8, 8, 112, 112)), cv::NORM_INF), 2)
            << size << ' ' << side << ' ' << angle;
      }
    }
  }
}

TEST(PhotoPyramid, TakesPicturesOfAnySize) {
  for (const cv::Size size : {cv::Size(1, 1), cv::Size(3000, 1), cv::Size(2, 700)}) {
    const PhotoPyramid pyramid(cv::Mat(size, CV_8UC3, cv::Scalar::all(77)), 128);
    const Square all{.centre = cv::Point2f(size) / 2, .side = static_cast<float>(std::max(size.width, size.height))};
    EXPECT_EQ(pyramid.sample(all, cv::BORDER_REPLICATE).at<cv::Vec3b>(64, 64), cv::Vec3b(77, 77, 77)) << size;
  }
}

}  // namespace
}  // namespace swiftavatar
