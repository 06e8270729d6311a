#include "estimate/fit_sliders.h"

#include <cmath>

#include <gtest/gtest.h>

#include "base/files.h"
#include "swiftavatar/face.h"

namespace swiftavatar {
namespace {

Engine tiktok() {
  return Engine::open(std::filesystem::path(SWIFTAVATAR_SOURCE_DIR) / "configs/engines/tiktok/definition.json",
                      "tiktok")
      .value();
}

double measure(const Engine& engine, const Avatar& avatar, const std::string& name) {
  std::vector<cv::Point2f> mesh(kMeshPoints, {NAN, NAN});
  for (const auto& [index, point] : engine.anchors(avatar)) mesh[index] = point;
  return measure_face(mesh).at(name);
}

TEST(FitSliders, AWiderFaceDoesNotMoveTheEyesTogether) {
  const Engine engine = tiktok();
  Avatar avatar = engine.default_avatar();
  const double spacing = measure(engine, avatar, "eye_spacing");
  Avatar plain = avatar;
  plain.continuous["face_width"] = 0.95;
  const double disturbed = std::abs(measure(engine, plain, "eye_spacing") - spacing);
  fit_sliders(engine, {{"face_width", 0.95}, {"eye_spacing", 0.5}}, avatar);
  EXPECT_GT(avatar.continuous.at("face_width"), 0.8);
  EXPECT_LT(std::abs(measure(engine, avatar, "eye_spacing") - spacing), 0.5 * disturbed);
}

TEST(FitSliders, ALongHeadIsAsWideAsAnotherPersonsOfTheSameProportions) {
  const Engine engine = tiktok();
  Avatar oval = engine.default_avatar(), other = oval;
  oval.discrete["head"] = "oval";
  other.discrete["head"] = "long";
  const double before = std::abs(measure(engine, oval, "face_width") - measure(engine, other, "face_width"));
  ASSERT_GT(before, 0.01);
  for (Avatar* avatar : {&oval, &other}) fit_sliders(engine, {{"face_width", 0.5}}, *avatar);
  EXPECT_LT(std::abs(measure(engine, oval, "face_width") - measure(engine, other, "face_width")), 0.5 * before);
}

TEST(FitSliders, EveryMeasureComesNearItsTargetTogether) {
  const Engine engine = tiktok();
  const std::map<std::string, double> positions = {{"face_width", 0.3},      {"eye_size", 0.7},
                                                   {"eye_spacing", 0.35},    {"nose_length", 0.6},
                                                   {"forehead_height", 0.4}, {"brow_height", 0.65}};
  std::map<std::string, double> alone;
  for (const auto& [name, position] : positions) {
    Avatar avatar = engine.default_avatar();
    avatar.continuous[name] = position;
    alone[name] = measure(engine, avatar, name);
  }
  Avatar avatar = engine.default_avatar();
  avatar.continuous["chin_length"] = 0.7;
  fit_sliders(engine, positions, avatar);
  for (const auto& [name, target] : alone) {
    EXPECT_NEAR(measure(engine, avatar, name), target, 0.04 * target) << name;
  }
}

TEST(FitSliders, NoSliderComesToItsEnd) {
  const Engine engine = tiktok();
  for (const double end : {0.05, 0.95}) {
    Avatar avatar = engine.default_avatar();
    fit_sliders(engine, {{"face_width", end}, {"eye_spacing", end}, {"eye_size", 1 - end}, {"mouth_width", end}},
                avatar);
    EXPECT_TRUE(engine.check(avatar).ok());
    for (const char* name : {"face_width", "eye_spacing", "eye_size", "mouth_width"}) {
      EXPECT_GT(avatar.continuous.at(name), 0.009) << name;
      EXPECT_LT(avatar.continuous.at(name), 0.991) << name;
    }
  }
}

}  // namespace
}  // namespace swiftavatar
