#include "image/color_profile.h"

#include <gtest/gtest.h>

#include "image/profiles.h"

namespace swiftavatar {
namespace {

using namespace testing;

TEST(ColorProfile, ConvertsToSrgb) {
  cv::Mat rgb = picture();
  ASSERT_EQ(convert_to_srgb(rgb, swapped_profile(), false), ProfileUse::converted);
  EXPECT_LE(cv::norm(rgb, swap_red_and_blue(picture()), cv::NORM_INF), 2);
}

TEST(ColorProfile, ConvertsPartsOfAPicture) {
  const cv::Mat whole = picture();
  cv::Mat part = whole(cv::Rect(5, 3, 20, 10));  // rows lie further apart than they are long
  ASSERT_EQ(convert_to_srgb(part, swapped_profile(), false), ProfileUse::converted);
  EXPECT_LE(cv::norm(part, swap_red_and_blue(picture())(cv::Rect(5, 3, 20, 10)), cv::NORM_INF), 2);
  EXPECT_EQ(cv::norm(whole, picture(), cv::NORM_INF), 0) << "the picture around it is as it was";
}

TEST(ColorProfile, SrgbItselfChangesNothing) {
  cv::Mat rgb = picture();
  EXPECT_EQ(convert_to_srgb(rgb, srgb_profile(), false), ProfileUse::not_needed);
  EXPECT_EQ(cv::norm(rgb, picture(), cv::NORM_INF), 0);
}

TEST(ColorProfile, GreyProfilesApplyToGreyPictures) {
  cv::Mat rgb(4, 4, CV_8UC3, cv::Scalar::all(128));
  ASSERT_EQ(convert_to_srgb(rgb, linear_grey_profile(), true), ProfileUse::converted);
  const cv::Vec3b pixel = rgb.at<cv::Vec3b>(2, 1);
  for (int channel = 0; channel < 3; ++channel) EXPECT_NEAR(pixel[channel], 188, 1);
}

TEST(ColorProfile, WhatCannotBeUsedChangesNothing) {
  const Bytes whole = swapped_profile();
  for (const Bytes& profile : {Bytes{}, bytes_of("no profile"), Bytes(500, 0), cut(whole, 100),
                               cut(whole, whole.size() / 2), lab_profile(), linear_grey_profile()}) {
    cv::Mat rgb = picture();
    EXPECT_EQ(convert_to_srgb(rgb, profile, false), ProfileUse::unusable) << profile.size();
    EXPECT_EQ(cv::norm(rgb, picture(), cv::NORM_INF), 0);
  }
}

}  // namespace
}  // namespace swiftavatar
