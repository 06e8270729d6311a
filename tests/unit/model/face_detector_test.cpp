#include <gtest/gtest.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include "swiftavatar/model.h"

namespace swiftavatar {
namespace {

/// The shipped networks on the example photo.
class FaceDetectorTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const Result<Bundle> bundle = Bundle::open(SWIFTAVATAR_SOURCE_DIR "/models/default");
    ASSERT_TRUE(bundle.ok()) << bundle.error().message;
    detector_ = load_detector(bundle.value(), Device{});
  }
  static void TearDownTestSuite() { detector_.reset(); }

  void SetUp() override { photo_ = read("examples/astronaut.png")(cv::Rect(60, 0, 330, 330)).clone(); }

  static cv::Mat read(const std::string& file) {
    cv::Mat photo = cv::imread(SWIFTAVATAR_SOURCE_DIR "/" + file);
    EXPECT_FALSE(photo.empty()) << file;
    cv::cvtColor(photo, photo, cv::COLOR_BGR2RGB);
    return photo;
  }

  static std::vector<Face> largest(const cv::Mat& photo) { return detector_->detect(photo, FaceSearch::largest); }
  static std::vector<Face> every(const cv::Mat& photo) { return detector_->detect(photo, FaceSearch::every); }

  /// The one face of the photo.
  static Face face_of(const cv::Mat& photo) {
    const auto faces = largest(photo);
    EXPECT_EQ(faces.size(), 1U);
    return faces.at(0);
  }

  /// A grey picture with ours at places.
  cv::Mat pasted(cv::Size size, const std::vector<cv::Rect>& places) const {
    cv::Mat canvas(size, CV_8UC3, cv::Scalar::all(120));
    for (const cv::Rect& place : places) {
      const auto kernel = place.width < photo_.cols ? cv::INTER_AREA : cv::INTER_CUBIC;
      cv::resize(photo_, canvas(place), place.size(), 0, 0, kernel);
    }
    return canvas;
  }

  /// Side of the pasted photo in which its face has so many pixels.
  int side_for(double face) const { return cvRound(face * photo_.cols / face_of(photo_).size()); }

  /// Every place has its face, and nothing else is one.
  static void expect_faces_at(const std::vector<Face>& faces, const std::vector<cv::Rect>& places) {
    EXPECT_EQ(faces.size(), places.size());
    for (const cv::Rect& place : places) {
      EXPECT_EQ(std::count_if(faces.begin(), faces.end(),
                              [&](const Face& face) { return cv::Rect2f(place).contains(face.five()[2]); }),
                1)
          << place;
    }
  }

  static std::unique_ptr<FaceDetector> detector_;
  cv::Mat photo_;
};
std::unique_ptr<FaceDetector> FaceDetectorTest::detector_;

TEST_F(FaceDetectorTest, FindsTheFaceItsPointsAndItsDirection) {
  const Face face = face_of(photo_);
  ASSERT_EQ(face.mesh.size(), static_cast<size_t>(kMeshPoints));
  EXPECT_GT(face.score, 0.9f);
  EXPECT_LT(std::abs(face.yaw), 25);
  EXPECT_EQ(face.quarter_turns(), 0);
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
  const Face face = face_of(photo_), other = face_of(mirrored);
  const double pupils = cv::norm(face.mesh[468] - face.mesh[473]);
  const cv::Point2f expected(static_cast<float>(photo_.cols) - face.mesh[468].x, face.mesh[468].y);
  EXPECT_LT(cv::norm(other.mesh[473] - expected), 0.05 * pupils);
  EXPECT_NEAR(other.yaw, -face.yaw, 4);
}

TEST_F(FaceDetectorTest, ATurnedPhotoGivesTheTurnedFace) {
  const Face face = face_of(photo_);
  const double pupils = cv::norm(face.mesh[468] - face.mesh[473]);
  const auto side = static_cast<float>(photo_.cols);  // of the square photo
  cv::Mat turned = photo_;
  std::vector<cv::Point2f> expected = face.mesh;
  for (int quarters = 1; quarters < 4; ++quarters) {
    SCOPED_TRACE(quarters);
    cv::rotate(turned, turned, cv::ROTATE_90_CLOCKWISE);
    for (cv::Point2f& point : expected) point = {side - point.y, point.x};
    const Face other = face_of(turned);
    EXPECT_EQ(other.quarter_turns(), quarters);
    for (size_t i = 0; i < expected.size(); i += 9)
      EXPECT_LT(cv::norm(other.mesh[i] - expected[i]), 0.06 * pupils) << i;
    EXPECT_NEAR(other.yaw, face.yaw, 3);
    EXPECT_TRUE(cv::Rect2f(0, 0, side, side).contains((other.box.tl() + other.box.br()) / 2));
  }
}

TEST_F(FaceDetectorTest, AnUpsideDownPhotoIsNotReadAsUpright) {
  EXPECT_EQ(face_of(read("tests/data/cases/upside-down.jpg")).quarter_turns(), 2);
}

TEST_F(FaceDetectorTest, SortsFacesBySize) {
  const auto faces = largest(pasted({900, 600}, {{20, 250, 300, 300}, {350, 50, 500, 500}}));
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_GT(faces[0].box.area(), faces[1].box.area());
  EXPECT_GT(faces[0].five()[2].x, 350);
  EXPECT_LT(faces[1].five()[2].x, 320);
}

TEST_F(FaceDetectorTest, FindsFacesOfAllSizesInALargePhoto) {
  std::vector<cv::Rect> places;
  int x = 30;
  for (const int face : {400, 250, 160, 100, 64, 44}) {
    const int side = side_for(face);
    places.emplace_back(x, 400 + x / 3, side, side);
    x += side + 30;
  }
  ASSERT_LT(x, 4000);
  expect_faces_at(every(pasted({4000, 3000}, places)), places);
}

TEST_F(FaceDetectorTest, FindsTheOneSmallFaceOfALargePhoto) {
  const int side = side_for(48);
  for (const cv::Point corner : {cv::Point(3800, 40), cv::Point(1870, 1210)}) {
    const cv::Rect place(corner, cv::Size(side, side));
    expect_faces_at(largest(pasted({4000, 3000}, {place})), {place});
  }
}

TEST_F(FaceDetectorTest, FindsFacesInPanoramas) {
  for (const int width : {3000, 6000}) {
    std::vector<cv::Rect> places;
    for (int x = 100; x + 240 < width; x += 900) places.emplace_back(x, 8, 240, 240);
    expect_faces_at(every(pasted({width, 256}, places)), places);
    EXPECT_FALSE(largest(pasted({width, 256}, {places.back()})).empty());
  }
}

TEST_F(FaceDetectorTest, FindsAHundredFaces) {
  std::vector<cv::Rect> places;
  for (int i = 0; i < 100; ++i) places.emplace_back(20 + i % 10 * 300, 20 + i / 10 * 300, 260, 260);
  expect_faces_at(every(pasted({3040, 3040}, places)), places);
}

TEST_F(FaceDetectorTest, FindsNothingWhereThereIsNoFace) {
  EXPECT_TRUE(every(cv::Mat(480, 640, CV_8UC3, cv::Scalar(90, 140, 60))).empty());
  EXPECT_TRUE(every(cv::Mat(1, 1, CV_8UC3, cv::Scalar::all(0))).empty());
  EXPECT_TRUE(every(cv::Mat(1, 3000, CV_8UC3, cv::Scalar::all(200))).empty());
  for (const int grain : {1, 5, 20}) {
    SCOPED_TRACE(grain);
    cv::Mat noise(1200 / grain, 1600 / grain, CV_8UC3);
    cv::RNG(5).fill(noise, cv::RNG::UNIFORM, 0, 255);
    cv::resize(noise, noise, {1600, 1200}, 0, 0, cv::INTER_CUBIC);
    EXPECT_TRUE(every(noise).empty());
  }
}

}  // namespace
}  // namespace swiftavatar
