#include <cmath>
#include <fstream>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <opencv2/imgproc.hpp>

#include "face/warp.h"
#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

using nlohmann::json;

/// The picture of tests/python/test_align_cases.py.
cv::Mat picture(int width, int height) {
  cv::Mat image(height, width, CV_8UC3);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < 3; ++channel) {
        const double value = 128 + 100 * std::sin(x / 17.0 + channel) * std::cos(y / 19.0);
        image.at<cv::Vec3b>(y, x)[channel] = static_cast<uchar>(std::floor(value + 0.5));
      }
    }
  }
  return image;
}

std::array<cv::Point2f, 5> five_of(const json& points) {
  std::array<cv::Point2f, 5> five;
  for (size_t i = 0; i < five.size(); ++i) five[i] = {points[i][0].get<float>(), points[i][1].get<float>()};
  return five;
}

TEST(Align, AgreesWithThePythonOfTheTraining) {
  std::ifstream file(SWIFTAVATAR_SOURCE_DIR "/tests/data/align_cases.json");
  const json cases = json::parse(file);
  ASSERT_GE(cases.size(), 5U);
  for (const json& entry : cases) {
    const int size = entry["size"];
    const cv::Matx23d transform = align_transform(five_of(entry["five"]), size, entry["crop"]);
    for (int i = 0; i < 6; ++i)
      EXPECT_NEAR(transform.val[i], entry["transform"][i].get<double>(), 1e-5) << entry["five"];

    const cv::Mat crop = align_image(picture(entry["width"], entry["height"]), transform, size);
    ASSERT_EQ(crop.size(), cv::Size(size, size));
    ASSERT_EQ(crop.type(), CV_8UC3);
    for (int i = 0; i < size * size * 3; ++i) {  // OpenCV 4 interpolates in steps of 1/32 pixel, OpenCV 5 exactly
      ASSERT_NEAR(crop.data[i], entry["pixels"][i].get<int>(), 4) << "value " << i << " of " << entry["five"];
    }
  }
}

TEST(Align, PutsEyesLevelAndTheFaceUpright) {
  const std::array<cv::Point2f, 5> five = {{{120, 110}, {180, 150}, {130, 160}, {85, 170}, {125, 200}}};
  const auto moved = transform_points({five.begin(), five.end()}, align_transform(five, 256));
  const cv::Point2f eyes = (moved[0] + moved[1]) / 2, mouth = (moved[3] + moved[4]) / 2;
  EXPECT_LT(moved[0].x, moved[1].x);
  EXPECT_NEAR(moved[0].y, moved[1].y, 12);
  EXPECT_NEAR(eyes.x, mouth.x, 12);
  EXPECT_LT(eyes.y, mouth.y);
}

TEST(Align, DoesNotDependOnScaleOrPlaceOfTheFace) {
  const std::array<cv::Point2f, 5> five = {{{120, 110}, {185, 85}, {165, 135}, {150, 175}, {200, 155}}};
  std::array<cv::Point2f, 5> other;
  for (size_t i = 0; i < five.size(); ++i) other[i] = 3 * five[i] + cv::Point2f(-40, 900);
  const auto a = transform_points({five.begin(), five.end()}, align_transform(five, 128));
  const auto b = transform_points({other.begin(), other.end()}, align_transform(other, 128));
  for (size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(cv::norm(a[i] - b[i]), 0, 1e-2);
}

TEST(Warp, EnclosingSquareHoldsItsPointsAtItsAngle) {
  const std::vector<cv::Point2f> points = {{10, 10}, {50, 30}, {20, 60}, {44, 52}};
  const Square square = enclosing_square(points, 0.4f, 1.0f);
  float nearest = 100;
  for (const cv::Point2f& point : transform_points(points, square.transform(100))) {
    for (const float value : {point.x, point.y}) {
      EXPECT_GE(value, -0.01f);
      EXPECT_LE(value, 100.01f);
      nearest = std::min(nearest, std::min(value, 100 - value));
    }
  }
  EXPECT_NEAR(nearest, 0, 0.01);  // no larger than needed
}

/// The same square of a photo that was area-averaged as a whole before.
cv::Mat from_whole(const cv::Mat& image, Square square, int size, int shrink, int border) {
  cv::Mat small;
  cv::resize(image, small, image.size() / shrink, 0, 0, cv::INTER_AREA);
  square.centre /= static_cast<float>(shrink);
  square.side /= static_cast<float>(shrink);
  return warp_similarity(small, square.transform(size), size, border);
}

TEST(Warp, SeesInANeighbourhoodWhatTheWholePhotoShows) {
  const cv::Mat image = picture(900, 720);
  for (const int border : {cv::BORDER_REFLECT_101, cv::BORDER_REPLICATE, cv::BORDER_CONSTANT}) {
    for (const float angle : {0.0f, 0.3f, 1.5707963f, 2.9f}) {
      for (const cv::Point2f centre : {cv::Point2f(420, 300), cv::Point2f(30, 40), cv::Point2f(880, 700),
                                       cv::Point2f(450, 10), cv::Point2f(-100, 350)}) {
        const Square square = {.centre = centre, .side = 330, .angle = angle};
        EXPECT_LE(cv::norm(sample_square(image, square, 100, border), from_whole(image, square, 100, 3, border),
                           cv::NORM_INF),
                  3)
            << border << ' ' << angle << ' ' << centre;
      }
    }
  }
}

TEST(Warp, FillsOutsideThePhotoByTheBorderMode) {
  const cv::Mat white(40, 40, CV_8UC3, cv::Scalar::all(255));
  const Square left = {.centre = {0, 20}, .side = 40};
  const cv::Mat black_border = sample_square(white, left, 40, cv::BORDER_CONSTANT);
  EXPECT_EQ(black_border.at<cv::Vec3b>(20, 5), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(black_border.at<cv::Vec3b>(20, 35), cv::Vec3b(255, 255, 255));
  const cv::Mat repeated = sample_square(white, left, 40, cv::BORDER_REPLICATE);
  EXPECT_EQ(repeated.at<cv::Vec3b>(20, 5), cv::Vec3b(255, 255, 255));
}

}  // namespace
}  // namespace swiftavatar
