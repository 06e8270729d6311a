// The numbers are those of dicebear-core 10.7.0 without a seed.

#include "avatar/component_range.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(ComponentRange, DrawsWhatTheCoresDraw) {
  EXPECT_DOUBLE_EQ(drawn_value("hairScale", {1.5, 2}), 1.574);
  EXPECT_DOUBLE_EQ(drawn_value("shapeRotate", {-10, 10}), -0.6741);
  EXPECT_DOUBLE_EQ(drawn_value("eyeTwinRotate", {-360, 360}), 33.16);
  EXPECT_DOUBLE_EQ(drawn_value("mouthTranslateX", {-5, 5, 0.5}), -1);
  EXPECT_DOUBLE_EQ(drawn_value("aScale", {0.5, 2, 0.4}), 0.5);
}

TEST(ComponentRange, FixedRangesHaveOneValue) {
  EXPECT_EQ(drawn_value("anyRotate", {7, 7}), 7);
  EXPECT_EQ(drawn_value("anyRotate", {7, 7, 2}), 7);
}

TEST(ComponentRange, WithoutRangesThereIsNoTransform) {
  const ArtTransform transform = drawn_transform("eye", {}, 10, 20);
  EXPECT_EQ(transform.text, "");
  EXPECT_EQ(transform.matrix, cv::Matx33d::eye());
}

TEST(ComponentRange, MovesTurnsAndScalesAboutTheCentre) {
  const ComponentRanges ranges{{50, 50}, {-25, -25}, {90, 90}, {2, 2}};
  const ArtTransform transform = drawn_transform("eye", ranges, 10, 20);
  EXPECT_EQ(transform.text, "translate(5, -5) rotate(90, 5, 10) translate(5, 10) scale(2) translate(-5, -10)");
  const cv::Vec3d corner = transform.matrix * cv::Vec3d(5, 10, 1);  // the centre
  EXPECT_NEAR(corner[0], 10, 1e-9);
  EXPECT_NEAR(corner[1], 5, 1e-9);
}

}  // namespace
}  // namespace swiftavatar
