#include "estimate/face_reader.h"

#include <thread>

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar {
namespace {

using testing::contains;
using testing::failure_of;

Face face_at(const cv::Rect2f& box) {
  Face face;
  face.box = box;
  return face;
}

/// In detector order: largest first; the second one is in the middle of a 400 x 200 photo.
const std::vector<Face> kFaces = {face_at({0, 0, 100, 100}), face_at({160, 60, 80, 80}), face_at({330, 130, 60, 60})};
const cv::Size kPhoto(400, 200);

TEST(SelectFaces, LargestIsTheFirst) {
  EXPECT_EQ(select_faces(kFaces, FacePolicy::largest, kPhoto, "a.jpg"), std::vector<size_t>{0});
}

TEST(SelectFaces, AllAreInDetectorOrder) {
  EXPECT_EQ(select_faces(kFaces, FacePolicy::all, kPhoto, "a.jpg"), (std::vector<size_t>{0, 1, 2}));
}

TEST(SelectFaces, CenterIsNearestToThePhotosMiddle) {
  EXPECT_EQ(select_faces(kFaces, FacePolicy::center, kPhoto, "a.jpg"), std::vector<size_t>{1});
  // Of a wider photo the middle is elsewhere.
  EXPECT_EQ(select_faces(kFaces, FacePolicy::center, {720, 320}, "a.jpg"), std::vector<size_t>{2});
}

TEST(SelectFaces, TheMiddleOfAFaceCountsAndNotItsEdge) {
  const std::vector<Face> faces = {face_at({195, 50, 100, 100}), face_at({130, 70, 60, 60})};
  EXPECT_EQ(select_faces(faces, FacePolicy::center, kPhoto, "a.jpg"), std::vector<size_t>{1});
  const std::vector<Face> turned = {face_at({150, 95, 100, 100}), face_at({170, 30, 60, 60})};
  EXPECT_EQ(select_faces(turned, FacePolicy::center, kPhoto, "a.jpg"), std::vector<size_t>{1});
}

TEST(SelectFaces, OfTwoAtTheSameDistanceTheLargerIsTheCenter) {
  const std::vector<Face> faces = {face_at({260, 60, 80, 80}), face_at({70, 70, 60, 60})};
  EXPECT_EQ(select_faces(faces, FacePolicy::center, kPhoto, "a.jpg"), std::vector<size_t>{0});
}

TEST(SelectFaces, ErrorTakesOneFaceAndRefusesMore) {
  EXPECT_EQ(select_faces({kFaces[0]}, FacePolicy::error, kPhoto, "a.jpg"), std::vector<size_t>{0});
  const Error error = failure_of([] { select_faces(kFaces, FacePolicy::error, kPhoto, "a.jpg"); });
  EXPECT_EQ(error.code, ErrorCode::several_faces);
  EXPECT_TRUE(contains(error.message, "a.jpg: 3 faces")) << error.message;
}

TEST(SelectFaces, FacesUnderAThirdOfTheLargestAreBackground) {
  const std::vector<Face> faces = {face_at({0, 0, 150, 150}), face_at({190, 90, 48, 48})};
  EXPECT_EQ(select_faces(faces, FacePolicy::center, kPhoto, "a.jpg"), std::vector<size_t>{0});
  EXPECT_EQ(select_faces(faces, FacePolicy::error, kPhoto, "a.jpg"), std::vector<size_t>{0});
  EXPECT_EQ(select_faces(faces, FacePolicy::all, kPhoto, "a.jpg"), (std::vector<size_t>{0, 1}));
}

TEST(SmallFaces, AreLeftOut) {
  std::vector<Face> faces = {face_at({0, 0, 100, 100}), face_at({0, 0, 31, 40}), face_at({0, 0, 39, 39})};
  EXPECT_EQ(leave_out_small_faces(faces, "a.jpg"), 1U);
  EXPECT_EQ(faces.size(), 2U);
  std::vector<Face> none;
  EXPECT_EQ(leave_out_small_faces(none, "a.jpg"), 0U);
}

TEST(SmallFaces, AreSaidToBeSmallWhereThereAreNoOthers) {
  std::vector<Face> faces = {face_at({0, 0, 18, 22.6f}), face_at({50, 0, 12, 14})};
  const Error error = failure_of([&] { leave_out_small_faces(faces, "a.jpg"); });
  EXPECT_EQ(error.code, ErrorCode::no_face);
  EXPECT_TRUE(contains(error.message, "a.jpg: the largest face is too small, 22 pixels high")) << error.message;
}

TEST(SelectFaces, NoFaceIsAnErrorWithEveryPolicy) {
  for (const FacePolicy policy : {FacePolicy::largest, FacePolicy::all, FacePolicy::center, FacePolicy::error}) {
    const Error error = failure_of([&] { select_faces({}, policy, kPhoto, "a.jpg"); });
    EXPECT_EQ(error.code, ErrorCode::no_face);
    EXPECT_TRUE(contains(error.message, "a.jpg: ")) << error.message;
  }
}

TEST(Stopwatch, LapsOfTheSameStageAddUpInTheOrderOfTheirFirst) {
  Stopwatch watch;
  watch.lap("decode");
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  watch.lap("align");
  watch.lap("parse");
  std::this_thread::sleep_for(std::chrono::milliseconds(3));
  watch.lap("align");
  ASSERT_EQ(watch.laps().size(), 3u);
  EXPECT_EQ(watch.laps()[0].first, "decode");
  EXPECT_EQ(watch.laps()[1].first, "align");
  EXPECT_EQ(watch.laps()[2].first, "parse");
  EXPECT_GE(watch.laps()[1].second, 5.9);
}

}  // namespace
}  // namespace swiftavatar
