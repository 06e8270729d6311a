#include <gtest/gtest.h>

#include "estimate/choose.h"
#include "estimate/helpers.h"

namespace swiftavatar {
namespace {

using testing::contains;
using testing::failure_of;
using testing::slider;
using testing::tiny;

/// What becomes of eye_spacing (-1..3, the tiny engine's one slider with a measure), with its confidence.
std::pair<double, double> eye_spacing(const std::vector<HeadOutput>& heads,
                                      const std::map<std::string, double>& measures, const MeasureScales& scales) {
  Estimate estimate;
  choose_sliders(tiny(), heads, measures, scales, estimate);
  return {estimate.avatar.continuous.at("eye_spacing"), estimate.continuous.at("eye_spacing")};
}

double position(double measure, const MeasureScale& scale) {
  return (eye_spacing({}, {{"eye_spacing", measure}}, {{"eye_spacing", scale}}).first + 1) / 4;
}

TEST(ChooseSliders, TheMiddlePersonGetsTheMiddle) {
  const auto [value, confidence] = eye_spacing({}, {{"eye_spacing", 20}}, {{"eye_spacing", {{10, 20, 30}, false}}});
  EXPECT_NEAR(value, 1, 1e-9);
  EXPECT_NEAR(confidence, 0.97, 1e-9);
}

TEST(ChooseSliders, TheMostExtremePersonIsNoCaricature) {
  EXPECT_NEAR(position(-5, {{10, 20, 30}, false}), 0.05, 1e-9);
  EXPECT_NEAR(position(10, {{10, 20, 30}, false}), 0.05, 1e-9);
  EXPECT_NEAR(position(30, {{10, 20, 30}, false}), 0.95, 1e-9);
  EXPECT_NEAR(position(99, {{10, 20, 30}, false}), 0.95, 1e-9);
}

TEST(ChooseSliders, RankIsLinearBetweenQuantiles) {
  EXPECT_NEAR(position(2, {{0, 1, 3}, false}), 0.05 + 0.9 * 0.75, 1e-9);
  EXPECT_NEAR(position(0.5, {{0, 1, 3}, false}), 0.05 + 0.9 * 0.25, 1e-9);
}

TEST(ChooseSliders, QuantilesThatRepeatAreNoDivisionByZero) {
  EXPECT_NEAR(position(1, {{1, 1, 1, 2}, false}), 0.05 + 0.9 * 2 / 3, 1e-9);
  EXPECT_NEAR(position(1, {{1, 1}, false}), 0.95, 1e-9);
}

TEST(ChooseSliders, AnInvertedSliderFallsWhereTheMeasureRises) {
  EXPECT_NEAR(position(3, {{0, 1, 3}, true}), 0.05, 1e-9);
  EXPECT_NEAR(position(2, {{0, 1, 3}, true}), 0.05 + 0.9 * 0.25, 1e-9);
}

TEST(ChooseSliders, ASliderMayFollowAnAttribute) {
  auto json = nlohmann::ordered_json::parse(testing::read_file(testing::tiny_dir() / "definition.json"));
  json["parameters"]["eye_spacing"].erase("measure");
  json["parameters"]["eye_spacing"]["follows"] = {{"attribute", "facial_hair"},
                                                  {"positions", {{"none", 0}, {"stubble", 0.5}, {"beard", 1}}}};
  const Engine engine = Engine::parse(json.dump(), "tiny").value();
  Estimate estimate;
  const HeadOutput head = testing::choice(HeadKind::attribute, "facial_hair",
                                          {{"none", 0.2}, {"stubble", 0.2}, {"beard", 0.1}, {"moustache", 0.5}});
  choose_sliders(engine, {head}, {}, {}, estimate);
  EXPECT_NEAR(estimate.avatar.continuous.at("eye_spacing"), -1 + 4 * (0.2 * 0.5 + 0.1) / 0.5, 1e-6);
  EXPECT_EQ(estimate.continuous.at("eye_spacing"), 0.5);
  choose_sliders(engine, {}, {}, {}, estimate);
  EXPECT_EQ(estimate.continuous.at("eye_spacing"), 0) << "without the head it stays at its default";
}

TEST(ChooseSliders, AMeasureGoesBeforeAHead) {
  const auto [value, confidence] =
      eye_spacing({slider("eye_spacing", 1)}, {{"eye_spacing", 20}}, {{"eye_spacing", {{10, 20, 30}, false}}});
  EXPECT_NEAR(value, 1, 1e-9);
  EXPECT_NEAR(confidence, 0.97, 1e-9);
}

TEST(ChooseSliders, AHeadAloneIsHalfSure) {
  for (const MeasureScales& scales : {MeasureScales{}, MeasureScales{{"eye_spacing", {{1, 2}, false}}}}) {
    // No measures: the head is turned too far.
    const auto [value, confidence] = eye_spacing({slider("eye_spacing", 0.25f)}, {}, scales);
    EXPECT_NEAR(value, 0, 1e-9);
    EXPECT_NEAR(confidence, 0.5, 1e-9);
  }
  EXPECT_NEAR(eye_spacing({slider("eye_spacing", 0.25f)}, {{"eye_spacing", 2}}, {}).first, 0, 1e-9)
      << "a measure without a scale says nothing";
}

TEST(ChooseSliders, AHeadBeyondTheRangeIsHeldAtItsEnd) {
  EXPECT_EQ(eye_spacing({slider("eye_spacing", 1.7f)}, {}, {}).first, 3);
  EXPECT_EQ(eye_spacing({slider("eye_spacing", -2)}, {}, {}).first, -1);
}

TEST(ChooseSliders, WithoutAnyWitnessTheDefaultStays) {
  Estimate estimate;
  choose_sliders(tiny(), {}, {{"eye_spacing", 2}}, {{"nose_width", {{1, 2}, false}}}, estimate);
  EXPECT_EQ(estimate.avatar.continuous, tiny().default_avatar().continuous);
  for (const auto& [name, confidence] : estimate.continuous) EXPECT_EQ(confidence, 0) << name;
}

TEST(ChooseSliders, OtherKindsOfHeadsAndUnknownSlidersAreIgnored) {
  Estimate estimate;
  choose_sliders(
      tiny(),
      {{HeadKind::measure, "eye_spacing", {}, {0.9f}}, slider("chin", 0.9f), {HeadKind::slider, "eye_size", {}, {}}},
      {}, {}, estimate);
  EXPECT_EQ(estimate.avatar.continuous, tiny().default_avatar().continuous);
}

}  // namespace
}  // namespace swiftavatar
