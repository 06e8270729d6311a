#include "draft/drawing.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

const cv::Rect kFace(60, 60, 80, 100);

cv::Mat filled(const cv::Rect& where) {
  cv::Mat mask = cv::Mat::zeros(256, 256, CV_8U);
  mask(where) = 255;
  return mask;
}

TEST(DraftDrawing, FaceEndsWhereItNarrowsToANeck) {
  cv::Mat skin = filled(kFace);
  skin(cv::Rect(85, 160, 30, 20)) = 255;   // neck
  skin(cv::Rect(20, 180, 160, 70)) = 255;  // shoulders
  const cv::Rect face = face_box(skin);
  EXPECT_EQ(face.x, kFace.x);
  EXPECT_EQ(face.width, kFace.width);
  EXPECT_NEAR(face.y + face.height, kFace.y + kFace.height, 1);
  EXPECT_TRUE(face_box(cv::Mat::zeros(256, 256, CV_8U)).empty());
}

TEST(DraftDrawing, HairLengthIsHowFarItFalls) {
  EXPECT_EQ(hair_length_of(cv::Mat::zeros(256, 256, CV_8U), kFace), "bald");
  EXPECT_EQ(hair_length_of(filled({70, 50, 60, 8}), kFace), "very_short");
  EXPECT_EQ(hair_length_of(filled({55, 40, 90, 60}), kFace), "short");
  EXPECT_EQ(hair_length_of(filled({45, 40, 20, 130}), kFace), "medium");
  EXPECT_EQ(hair_length_of(filled({45, 40, 20, 180}), kFace), "long");
}

TEST(DraftDrawing, FacialHairIsWhereItLies) {
  EXPECT_EQ(facial_hair_of(cv::Mat::zeros(256, 256, CV_8U), kFace, 0.5), "none");
  EXPECT_EQ(facial_hair_of(filled({65, 110, 70, 50}), kFace, 0.5), "beard");
  EXPECT_EQ(facial_hair_of(filled({65, 110, 70, 50}), kFace, 0.05), "stubble");
  EXPECT_EQ(facial_hair_of(filled({85, 120, 30, 8}), kFace, 0.5), "moustache");
  EXPECT_EQ(facial_hair_of(filled({90, 135, 20, 25}), kFace, 0.5), "goatee");
}

TEST(DraftDrawing, MasksShowWhatChanges) {
  const cv::Mat before(kDraftSize, kDraftSize, CV_8UC3, cv::Scalar::all(200));
  cv::Mat after = before.clone();
  after(kFace) = cv::Scalar(200, 200, 100);
  after(cv::Rect(0, 0, 20, 20)) = cv::Scalar::all(195);  // as faint as anti-aliasing
  const cv::Mat mask = difference_mask(before, after);
  EXPECT_EQ(cv::countNonZero(mask), kFace.area());
  EXPECT_EQ(share_of(mask, kFace), 1);
  EXPECT_EQ(share_of(mask, part_of(kFace, 0, 0.5, 1, 1.5)), 0.5);
  EXPECT_EQ(share_of(mask, {-10, -10, 5, 5}), 0) << "beyond the drawing";
}

}  // namespace
}  // namespace swiftavatar
