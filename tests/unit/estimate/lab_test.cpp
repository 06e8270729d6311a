#include "estimate/lab.h"

#include <gtest/gtest.h>

#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

TEST(Lab, EveryColourComesBackUnchanged) {
  for (int r = 0; r < 256; r += 15) {
    for (int g = 0; g < 256; g += 15) {
      for (int b = 0; b < 256; b += 15) {
        const cv::Vec3b rgb(r, g, b);
        ASSERT_EQ(from_lab(to_lab(rgb)), rgb) << to_hex(rgb);
      }
    }
  }
}

TEST(Lab, ColoursThatNoScreenShowsAreClamped) {
  EXPECT_EQ(from_lab({120, 0, 0}), cv::Vec3b(255, 255, 255));
  EXPECT_EQ(from_lab({-5, 0, 0}), cv::Vec3b(0, 0, 0));
  EXPECT_EQ(from_lab({50, 120, 0})[1], 0);
}

TEST(Lab, LinearLightIsSRgbs) {
  EXPECT_NEAR(to_linear(0), 0, 1e-12);
  EXPECT_NEAR(to_linear(255), 1, 1e-12);
  EXPECT_NEAR(to_linear(188), 0.5029, 1e-4);  // half the light of white
  EXPECT_NEAR(to_linear(10), 10 / 255.0 / 12.92, 1e-12);
  for (int level = 0; level < 256; ++level) EXPECT_NEAR(from_linear(to_linear(level)), level, 0.01);
  EXPECT_NEAR(from_linear(2), 255, 1e-9);
  EXPECT_NEAR(from_linear(-1), 0, 1e-9);
}

TEST(Lab, GreenIsTheBrightest) {
  EXPECT_NEAR(luminance({1, 1, 1}), 1, 1e-12);
  EXPECT_GT(luminance({0, 1, 0}), luminance({1, 0, 0}));
  EXPECT_GT(luminance({1, 0, 0}), luminance({0, 0, 1}));
}

}  // namespace
}  // namespace swiftavatar
