#include "estimate/photo_doubts.h"

#include <limits>

#include <gtest/gtest.h>
#include <opencv2/imgproc.hpp>

#include "estimate/helpers.h"
#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

using testing::contains;

constexpr int kSide = 256;

/// An oval face from 0.3 to 0.7 across and from 0.25 to 0.75 down.
std::vector<cv::Point2f> oval() {
  std::vector<cv::Point2f> mesh;
  for (int point = 0; point < kMeshPoints; ++point) {
    const double turn = (point - 10) * 2 * CV_PI / kMeshPoints;  // point 10 is the top
    mesh.emplace_back(0.5 + 0.2 * std::sin(turn), 0.5 - 0.25 * std::cos(turn));
  }
  return mesh;
}

/// The crop is the photo from (x, y) on, `scale` pixels of it for one of the photo's.
cv::Matx23d from(double x, double y, double scale = 1) { return {scale, 0, -x * scale, 0, scale, -y * scale}; }

const HeadOutput kFair = testing::choice(HeadKind::attribute, "skin_tone", {{"4", 0.8}, {"7", 0.1}, {"10", 0.1}}),
                 kDarkSkin = testing::choice(HeadKind::attribute, "skin_tone", {{"4", 0.1}, {"7", 0.4}, {"10", 0.5}});

std::vector<std::string> doubts(const cv::Mat& crop, float size = 200, double outside = 0,
                                const std::vector<HeadOutput>& heads = {kFair}) {
  AlignedFace aligned;
  aligned.face.box = {0, 0, 0.9f * size, size};
  aligned.outside = outside;
  aligned.image = crop;
  aligned.mesh = oval();
  return photo_doubts(aligned, heads);
}

cv::Mat plain(int level) { return cv::Mat(kSide, kSide, CV_8UC3, cv::Scalar::all(level)); }

TEST(ShareOutside, IsNothingWhereThePhotoHoldsTheCrop) {
  EXPECT_EQ(share_outside(from(0, 0), kSide, oval(), {kSide, kSide}), 0);
  EXPECT_EQ(share_outside(from(100, 40, 0.5), kSide, oval(), {1000, 1000}), 0);
}

TEST(ShareOutside, IsTheLackingPartOfThePlaceAboveTheForehead) {
  // That place is 64 pixels high and 102 wide, from 77 on.
  EXPECT_NEAR(share_outside(from(0, -32), kSide, oval(), {kSide, kSide}), 0.5, 0.04);
  EXPECT_NEAR(share_outside(from(0, -64), kSide, oval(), {kSide, kSide}), 1, 0.04);
  EXPECT_NEAR(share_outside(from(0, -16, 2), kSide, oval(), {kSide, kSide}), 0.5, 0.04) << "in the photo's own pixels";
  EXPECT_NEAR(share_outside(from(-128, 0), kSide, oval(), {kSide, kSide}), 0.5, 0.04) << "at the left";
  EXPECT_NEAR(share_outside(from(0, 0), kSide, oval(), {128, kSide}), 0.5, 0.04) << "at the right";
}

TEST(ShareOutside, BesidesAndBelowTheFaceDoNotCount) {
  EXPECT_EQ(share_outside(from(-70, 0), kSide, oval(), {kSide, kSide}), 0);
  EXPECT_EQ(share_outside(from(0, 0), kSide, oval(), {kSide, 180}), 0);
}

TEST(ShareOutside, ATurnedPhotoIsFollowed) {
  // The head's top points to the photo's right; the photo ends at its forehead.
  const cv::Matx23d turned(0, 1, 0, -1, 0, kSide);  // the photo's right is the crop's top
  EXPECT_NEAR(share_outside(turned, kSide, oval(), {192, kSide}), 1, 0.04);
  EXPECT_NEAR(share_outside(turned, kSide, oval(), {kSide, kSide}), 0, 0.04);
}

TEST(ShareOutside, ABrokenMeshSaysNothing) {
  std::vector<cv::Point2f> mesh = oval();
  mesh[3].x = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(share_outside(from(0, -200), kSide, mesh, {kSide, kSide}), 0);
  EXPECT_EQ(share_outside(from(0, -200), kSide, {}, {kSide, kSide}), 0);
  AlignedFace aligned;
  aligned.face.box = {0, 0, 200, 200};
  aligned.image = plain(0);
  aligned.mesh = mesh;
  EXPECT_TRUE(photo_doubts(aligned, {}).empty());
}

TEST(PhotoDoubts, APlainPhotoHasNone) {
  for (const int level : {110, 128, 200, 240}) EXPECT_TRUE(doubts(plain(level)).empty()) << level;
}

TEST(PhotoDoubts, AFaceUnderSixtyPixelsIsSmall) {
  EXPECT_TRUE(doubts(plain(128), 60).empty());
  const std::vector<std::string> found = doubts(plain(128), 45.7f);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(contains(found[0], "only 45 pixels")) << found[0];
}

TEST(PhotoDoubts, ATightCropIsOneThatLacksMostOfTheHair) {
  EXPECT_TRUE(doubts(plain(128), 200, 0.5).empty());
  const std::vector<std::string> found = doubts(plain(128), 200, 0.7);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(contains(found[0], "hair and headwear")) << found[0];
}

TEST(PhotoDoubts, ADarkFaceIsOneWithoutAnythingBright) {
  const std::vector<std::string> found = doubts(plain(60));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(contains(found[0], "very dark")) << found[0];
  cv::Mat lit = plain(60);
  cv::circle(lit, {128, 128}, 20, cv::Scalar::all(150), cv::FILLED);  // 12 in 100 of the face
  EXPECT_TRUE(doubts(lit).empty());
}

TEST(PhotoDoubts, DarkSkinIsNoDarkPhoto) {
  EXPECT_EQ(doubts(plain(85), 200, 0, {kFair}).size(), 1u);
  EXPECT_TRUE(doubts(plain(85), 200, 0, {kDarkSkin}).empty());
  EXPECT_TRUE(doubts(plain(85), 200, 0, {}).empty()) << "an estimator that does not say";
  EXPECT_EQ(doubts(plain(40), 200, 0, {kDarkSkin}).size(), 1u) << "nothing shows";
}

TEST(PhotoDoubts, AnOverExposedFaceHasWhiteWithoutADrawing) {
  cv::Mat crop = plain(160);
  cv::circle(crop, {128, 128}, 14, cv::Scalar::all(255), cv::FILLED);  // 6 in 100 of the face
  EXPECT_TRUE(doubts(crop).empty());
  cv::circle(crop, {128, 128}, 28, cv::Scalar::all(255), cv::FILLED);
  const std::vector<std::string> found = doubts(crop);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(contains(found[0], "over-exposed")) << found[0];
}

TEST(PhotoDoubts, OnlyTheFaceCounts) {
  cv::Mat crop = plain(0);
  std::vector<cv::Point> outline;
  for (const cv::Point2f& point : oval()) outline.emplace_back(point * static_cast<float>(kSide));
  cv::fillConvexPoly(crop, outline, cv::Scalar::all(150));
  EXPECT_TRUE(doubts(crop).empty()) << "a black background";
  crop.setTo(cv::Scalar::all(255));
  cv::fillConvexPoly(crop, outline, cv::Scalar::all(150));
  EXPECT_TRUE(doubts(crop).empty()) << "a white background";
}

TEST(PhotoDoubts, SeveralAreSaidOneByOne) { EXPECT_EQ(doubts(plain(20), 45, 0.9).size(), 3u); }

}  // namespace
}  // namespace swiftavatar
