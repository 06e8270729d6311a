#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "swiftavatar/model.h"

namespace swiftavatar {
namespace {

/// The shipped networks on real photos; skipped where the photos are absent.
class FaceDetectorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    photo_ = cv::imread(SWIFTAVATAR_SOURCE_DIR "/../shared/photos/dev/london-0000.jpg");
    if (photo_.empty()) GTEST_SKIP() << "../shared/photos/dev is absent";
    cv::cvtColor(photo_, photo_, cv::COLOR_BGR2RGB);
    const Result<Bundle> bundle = Bundle::open(SWIFTAVATAR_SOURCE_DIR "/models/default");
    ASSERT_TRUE(bundle.ok()) << bundle.error().message;
    detector_ = load_detector(bundle.value(), Device{});
  }

  /// A grey photo with ours at a place and scale.
  cv::Mat pasted(cv::Size size, const std::vector<cv::Rect>& places) const {
    cv::Mat canvas(size, CV_8UC3, cv::Scalar::all(120));
    for (const cv::Rect& place : places) cv::resize(photo_, canvas(place), place.size(), 0, 0, cv::INTER_AREA);
    return canvas;
  }

  cv::Mat photo_;
  std::unique_ptr<FaceDetector> detector_;
};

TEST_F(FaceDetectorTest, FindsTheFaceItsPointsAndItsDirection) {
  const auto faces = detector_->detect(photo_);
  ASSERT_EQ(faces.size(), 1U);
  const Face& face = faces[0];
  ASSERT_EQ(face.mesh.size(), static_cast<size_t>(kMeshPoints));
  EXPECT_GT(face.score, 0.9f);
  EXPECT_NEAR(face.yaw, 0, 6);
  const auto [left_eye, right_eye, nose, left_mouth, right_mouth] = face.five();
  EXPECT_LT(left_eye.x, right_eye.x);
  EXPECT_LT(left_mouth.x, right_mouth.x);
  EXPECT_LT(left_eye.y, nose.y);
  EXPECT_LT(nose.y, left_mouth.y);
  // The iris points lie around the pupil, the rim's image-right, top, image-left and bottom in both eyes.
  for (const int centre : {468, 473}) {
    EXPECT_GT(face.mesh[centre + 1].x, face.mesh[centre].x);
    EXPECT_LT(face.mesh[centre + 2].y, face.mesh[centre].y);
    EXPECT_LT(face.mesh[centre + 3].x, face.mesh[centre].x);
    EXPECT_GT(face.mesh[centre + 4].y, face.mesh[centre].y);
  }
}

TEST_F(FaceDetectorTest, AMirroredPhotoGivesTheMirroredFace) {
  cv::Mat mirrored;
  cv::flip(photo_, mirrored, 1);
  const Face face = detector_->detect(photo_).at(0), other = detector_->detect(mirrored).at(0);
  const double pupils = cv::norm(face.mesh[468] - face.mesh[473]);
  const cv::Point2f expected(static_cast<float>(photo_.cols) - face.mesh[468].x, face.mesh[468].y);
  EXPECT_LT(cv::norm(other.mesh[473] - expected), 0.05 * pupils);
  EXPECT_NEAR(other.yaw, -face.yaw, 4);
}

TEST_F(FaceDetectorTest, SortsFacesBySize) {
  const auto faces = detector_->detect(pasted({900, 600}, {{20, 250, 300, 300}, {350, 50, 500, 500}}));
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_GT(faces[0].box.area(), faces[1].box.area());
  EXPECT_GT(faces[0].five()[2].x, 350);
  EXPECT_LT(faces[1].five()[2].x, 320);
}

TEST_F(FaceDetectorTest, FindsASmallFaceInALargePhoto) {
  const auto faces = detector_->detect(pasted({4000, 3000}, {{2700, 400, 560, 560}}));
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_TRUE(cv::Rect2f(2700, 400, 560, 560).contains(faces[0].five()[2]));
}

TEST_F(FaceDetectorTest, FindsNothingWhereThereIsNoFace) {
  EXPECT_TRUE(detector_->detect(cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 140, 60))).empty());
  cv::Mat noise(480, 640, CV_8UC3);
  cv::RNG(5).fill(noise, cv::RNG::UNIFORM, 0, 255);
  EXPECT_TRUE(detector_->detect(noise).empty());
  EXPECT_TRUE(detector_->detect(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(0))).empty());
}

}  // namespace
}  // namespace swiftavatar
