#include "face/blaze_face.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

/// An answer of the network with nothing in it.
struct Answer {
  std::vector<float> boxes = std::vector<float>(kBlazeFaceAnchors * kBlazeFaceValues);
  std::vector<float> logits = std::vector<float>(kBlazeFaceAnchors, -10);

  /// Anchor `index` (its centre at `anchor`, 0..1) says: a face around `centre` of `side` pixels.
  void say(int index, cv::Point2f anchor, cv::Point2f centre, float side, float logit) {
    float* const values = &boxes[index * kBlazeFaceValues];
    const cv::Point2f offset = centre - kBlazeFaceSize * anchor;
    const float numbers[] = {offset.x, offset.y, side, side, offset.x - side / 4, offset.y, offset.x + side / 4,
                             offset.y};
    std::copy(std::begin(numbers), std::end(numbers), values);
    logits[index] = logit;
  }
};

constexpr int kSecondGrid = 16 * 16 * 2;

TEST(BlazeFace, DecodesBoxAndEyesFromAnAnchor) {
  Answer answer;
  answer.say(kSecondGrid + 6 * (8 * 2 + 3), {3.5f / 8, 2.5f / 8}, {64, 48}, 32, 3);  // column 3, row 2
  const auto faces = decode_blaze_face(answer.boxes, answer.logits, 0.5f);
  ASSERT_EQ(faces.size(), 1U);
  EXPECT_NEAR(faces[0].box.x, (64 - 16) / 128.0, 1e-5);
  EXPECT_NEAR(faces[0].box.y, (48 - 16) / 128.0, 1e-5);
  EXPECT_NEAR(faces[0].box.width, 0.25, 1e-5);
  EXPECT_NEAR(faces[0].left_eye.x, 56 / 128.0, 1e-5);
  EXPECT_NEAR(faces[0].right_eye.x, 72 / 128.0, 1e-5);
  EXPECT_NEAR(faces[0].score, 0.9526, 1e-3);
}

TEST(BlazeFace, AveragesAnchorsOfOneFaceByScoreAndKeepsFacesApart) {
  Answer answer;
  answer.say(0, {0.5f / 16, 0.5f / 16}, {40, 40}, 30, 0);  // score 0.5
  answer.say(1, {0.5f / 16, 0.5f / 16}, {44, 40}, 30, 2);  // score 0.88
  answer.say(2, {1.5f / 16, 0.5f / 16}, {100, 40}, 30, 1);
  const auto faces = decode_blaze_face(answer.boxes, answer.logits, 0.5f);
  ASSERT_EQ(faces.size(), 2U);
  EXPECT_GT(faces[0].score, faces[1].score);
  EXPECT_NEAR((faces[0].box.x + faces[0].box.width / 2) * 128, (40 * 0.5 + 44 * 0.8808) / 1.3808, 1e-3);
  EXPECT_NEAR((faces[1].box.x + faces[1].box.width / 2) * 128, 100, 1e-3);
}

TEST(BlazeFace, LeavesOutWhatIsBelowTheThresholdOrNotANumber) {
  Answer answer;
  answer.say(5, {2.5f / 16, 0.5f / 16}, {40, 40}, 30, -0.1f);
  answer.say(7, {3.5f / 16, 0.5f / 16}, {80, 80}, 30, std::nanf(""));
  EXPECT_TRUE(decode_blaze_face(answer.boxes, answer.logits, 0.5f).empty());
}

TEST(BlazeFace, OverlapIsIntersectionOverUnion) {
  EXPECT_FLOAT_EQ(overlap({0, 0, 2, 2}, {1, 0, 2, 2}), 1.0f / 3);
  EXPECT_FLOAT_EQ(overlap({0, 0, 2, 2}, {5, 5, 2, 2}), 0);
  EXPECT_FLOAT_EQ(overlap({0, 0, 0, 0}, {0, 0, 0, 0}), 0);
}

TEST(BlazeFace, AProposalIsPlacedInThePhoto) {
  const FaceProposal proposal{
      .box = {0.25f, 0.5f, 0.5f, 0.25f}, .left_eye = {0.25f, 0.5f}, .right_eye = {0.75f, 0.5f}, .score = 0.7f};
  const FaceProposal upright = proposal.in({.centre = {100, 200}, .side = 40});
  EXPECT_EQ(upright.box, cv::Rect2f(90, 200, 20, 10));
  EXPECT_EQ(upright.left_eye, cv::Point2f(90, 200));
  EXPECT_EQ(upright.right_eye, cv::Point2f(110, 200));
  EXPECT_NEAR(upright.angle(), 0, 1e-6);
  EXPECT_EQ(upright.score, 0.7f);

  // A window turned by a quarter clockwise: its right is the photo's below, its below the photo's left.
  const float quarter = std::acos(-1.0f) / 2;
  const FaceProposal turned = proposal.in({.centre = {100, 200}, .side = 40, .angle = quarter});
  EXPECT_LT(cv::norm(turned.left_eye - cv::Point2f(100, 190)), 1e-3);
  EXPECT_LT(cv::norm(turned.right_eye - cv::Point2f(100, 210)), 1e-3);
  EXPECT_LT(cv::norm(turned.box.tl() - cv::Point2f(90, 190)), 1e-3);
  EXPECT_LT(cv::norm(turned.box.br() - cv::Point2f(100, 210)), 1e-3);
  EXPECT_NEAR(turned.angle(), quarter, 1e-4);
}

}  // namespace
}  // namespace swiftavatar
