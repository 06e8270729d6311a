#include <gtest/gtest.h>

#include "estimate/choose.h"
#include "estimate/helpers.h"
#include "estimate/lab.h"

namespace swiftavatar {
namespace {

using testing::choice;
using testing::lab_of;
using testing::tiny;
using testing::tiny_semantics;

Estimate choose(const std::vector<HeadOutput>& heads, const FaceColors& colors,
                const Semantics& semantics = tiny_semantics()) {
  Estimate estimate;
  estimate.avatar = tiny().default_avatar();
  choose_colors(tiny(), semantics, choice_heads(heads, HeadKind::attribute), colors, estimate);
  return estimate;
}

FaceColors measured(const std::string& role, const cv::Vec3b& rgb, double confidence = 0.8) {
  FaceColors colors;
  colors.roles[role] = {rgb, confidence};
  return colors;
}

const HeadOutput kTone5 = choice(HeadKind::attribute, "skin_tone", {{"5", 0.9}, {"7", 0.1}});
const HeadOutput kBlack = choice(HeadKind::attribute, "hair_color", {{"black", 0.9}, {"blond", 0.1}});

TEST(ChooseColors, SkinHasTheTonesLightnessAndThePersonsHue) {
  const cv::Vec3b rosy(160, 110, 105);  // darker and redder than tone 5
  const Estimate estimate = choose({kTone5}, measured("skin", rosy));
  const cv::Vec3d anchor = lab_of("#d7bd96"), seen = to_lab(rosy), chosen = lab_of(estimate.avatar.colors.at("skin"));
  EXPECT_NEAR(chosen[0], anchor[0], 0.7);
  EXPECT_LT(std::hypot(chosen[1] - seen[1], chosen[2] - seen[2]), std::hypot(anchor[1] - seen[1], anchor[2] - seen[2]));
  EXPECT_LT(ciede2000(anchor, chosen), 8.7);
  EXPECT_GT(ciede2000(anchor, chosen), 2) << "the person's hue must show";
}

TEST(ChooseColors, ColoursAreReadBackAsTheAttributeSays) {
  // Measured far on the other value's side: dark skin in the shade, grey hair in the sun.
  for (const cv::Vec3b& seen : {cv::Vec3b(130, 92, 67), cv::Vec3b(20, 10, 5), cv::Vec3b(255, 200, 40)}) {
    FaceColors colors = measured("skin", seen);
    colors.roles["hair"] = {seen, 1};
    const Estimate estimate = choose({kTone5, kBlack}, colors);
    const Attributes attributes = tiny_semantics().read(estimate.avatar);
    EXPECT_EQ(attributes.at("skin_tone"), "5") << to_hex(seen);
    EXPECT_EQ(attributes.at("hair_color"), "black") << to_hex(seen);
  }
}

TEST(ChooseColors, HairIsHalfWayFromTheNearestAnchorToThePerson) {
  const cv::Vec3b seen(60, 48, 40);
  const Estimate estimate = choose({kBlack}, measured("hair", seen));
  const cv::Vec3d middle = (lab_of("#2b2422") + to_lab(seen)) * 0.5;
  EXPECT_LT(ciede2000(lab_of(estimate.avatar.colors.at("hair")), middle), 0.7);
}

TEST(ChooseColors, AGreyBeardIsGreyAndAllElseLikeTheHair) {
  const Semantics semantics = tiny_semantics({{"/colors/facial_hair", R"({"color": "frame"})"}});
  const auto lightness = [&](const char* kind, const cv::Vec3b& beard) {
    FaceColors colors = measured("hair", {40, 30, 28});
    colors.roles["skin"] = {{160, 110, 85}, 0.8};
    colors.roles["facial_hair"] = {beard, 0.8};
    const Estimate estimate =
        choose({kBlack, choice(HeadKind::attribute, "facial_hair", {{kind, 0.9}, {"none", 0.1}})}, colors, semantics);
    return lab_of(estimate.avatar.colors.at("frame"))[0];
  };
  EXPECT_GT(lightness("beard", {190, 188, 186}), 60);
  EXPECT_LT(lightness("beard", {150, 105, 82}), 25) << "skin between the hairs";
  EXPECT_LT(lightness("stubble", {190, 188, 186}), 25);
}

TEST(ChooseColors, ConfidenceIsTheHeadsTimesTheMeasures) {
  EXPECT_NEAR(choose({kTone5}, measured("skin", {200, 170, 140}, 0.6)).colors.at("skin"), 0.9 * (0.5 + 0.5 * 0.6),
              1e-6);
}

TEST(ChooseColors, AToneWithoutAMeasureIsItsAnchorAndHalfSure) {
  const Estimate estimate = choose({choice(HeadKind::attribute, "skin_tone", {{"5", 0.2}, {"7", 0.8}})}, {});
  EXPECT_EQ(estimate.avatar.colors.at("skin"), "#825c43");
  EXPECT_NEAR(estimate.colors.at("skin"), 0.4, 1e-6);
}

TEST(ChooseColors, AValueWithoutAnAnchorLeavesTheChoiceToTheOthers) {
  const Estimate estimate =
      choose({choice(HeadKind::attribute, "hair_color", {{"na", 0.9}, {"black", 0.02}, {"blond", 0.08}})}, {});
  EXPECT_EQ(estimate.avatar.colors.at("hair"), "#d9b36c");
  EXPECT_NEAR(estimate.colors.at("hair"), 0.5 * 0.8, 1e-6);
}

TEST(ChooseColors, WithoutAHeadTheMeasuredColourIsTaken) {
  const Estimate estimate = choose({}, measured("skin", {180, 140, 110}, 0.7));
  EXPECT_EQ(estimate.avatar.colors.at("skin"), "#b48c6e");
  EXPECT_NEAR(estimate.colors.at("skin"), 0.7, 1e-9);
}

TEST(ChooseColors, WhatNothingIsKnownAboutKeepsTheDefaultWithConfidenceZero) {
  const Estimate estimate = choose({}, {});
  EXPECT_EQ(estimate.avatar.colors, tiny().default_avatar().colors);
  ASSERT_EQ(estimate.colors.size(), tiny().palettes().size());
  for (const auto& [name, confidence] : estimate.colors) EXPECT_EQ(confidence, 0) << name;
}

TEST(ChooseColors, AHatIsAsItWasMeasured) {
  EXPECT_EQ(choose({}, measured("headwear", {1, 2, 253})).avatar.colors.at("hat"), "#0102fd");
}

TEST(ChooseColors, BrowsAreALittleDarkerThanTheHair) {
  const Semantics semantics = tiny_semantics({{"/colors/brows", R"({"color": "frame"})"}});
  FaceColors colors = measured("brows", {250, 250, 0});
  colors.roles["hair"] = {{200, 160, 100}, 1};
  const Estimate estimate =
      choose({choice(HeadKind::attribute, "hair_color", {{"black", 0.1}, {"blond", 0.9}})}, colors, semantics);
  cv::Vec3d wanted = lab_of(estimate.avatar.colors.at("hair"));
  wanted[0] *= 0.85;
  EXPECT_LT(ciede2000(lab_of(estimate.avatar.colors.at("frame")), wanted), 0.7);
  EXPECT_EQ(estimate.colors.at("frame"), estimate.colors.at("hair"));
}

TEST(ChooseColors, BrowsWithoutKnownHairAreAsTheyWereMeasured) {
  const Semantics semantics = tiny_semantics({{"/colors/brows", R"({"color": "frame"})"}});
  EXPECT_EQ(choose({}, measured("brows", {80, 60, 40}), semantics).avatar.colors.at("frame"), "#503c28");
}

TEST(ChooseColors, BrowsThatShareTheHairsColourLeaveItAlone) {
  const Semantics semantics = tiny_semantics({{"/colors/brows", R"({"color": "hair"})"}});
  EXPECT_EQ(choose({kBlack}, {}, semantics).avatar.colors.at("hair"), "#1b1a1d");
}

TEST(ChooseColors, EyesAreDrawnTwoThirdsOfTheWayToThePalette) {
  const Semantics semantics = tiny_semantics({{"/colors/eyes", R"({"color": "background"})"}});  // white or black
  const Estimate estimate = choose({}, measured("eyes", {64, 64, 64}), semantics);
  const cv::Vec3d chosen = lab_of(estimate.avatar.colors.at("background"));
  EXPECT_NEAR(chosen[0], to_lab({64, 64, 64})[0] / 3, 0.7);
}

TEST(ChooseColors, LightEyesAreDrawnTowardTheLightColoursOfThePaletteAndBrownOnesTowardTheOthers) {
  const Semantics semantics =
      tiny_semantics({{"/colors/eyes", R"({"color": "hair"})"}});  // nearly black, blond, nearly white
  FaceColors dark = measured("eyes", {64, 64, 64}), pale = measured("eyes", {225, 225, 225});
  const auto lightness = [&](FaceColors colors, std::optional<double> light) {
    colors.light_irises = light;
    return lab_of(choose({}, colors, semantics).avatar.colors.at("hair"))[0];
  };
  EXPECT_GT(lightness(dark, 2), lightness(dark, -2) + 20);
  EXPECT_NEAR(lightness(dark, -2), lightness(dark, std::nullopt), 0.01) << "the nearest is of that kind";
  EXPECT_LT(lightness(pale, -2), lightness(pale, std::nullopt) - 4);
  const Semantics walls =
      tiny_semantics({{"/colors/eyes", R"({"color": "background"})"}});  // white, which is light, and black
  dark.light_irises = -2;
  EXPECT_LT(lab_of(choose({}, dark, walls).avatar.colors.at("background"))[0], 20);
  dark.light_irises = 2;  // by their colour; but few people of tone 5 have light eyes
  EXPECT_GT(lab_of(choose({}, dark, walls).avatar.colors.at("background"))[0], 50);
  EXPECT_LT(lab_of(choose({kTone5}, dark, walls).avatar.colors.at("background"))[0], 20);
}

TEST(ChooseColors, BehindSunglassesEyesHaveTheDefaultColourAndThatIsSaid) {
  const Semantics semantics = tiny_semantics({{"/colors/eyes", R"({"color": "frame"})"}});
  const FaceColors colors = measured("eyes", {10, 10, 10});
  const auto with = [&](double dark) {
    return choose(
        {choice(HeadKind::attribute, "glasses", {{"none", 0.02}, {"eyeglasses", 0.98 - dark}, {"sunglasses", dark}})},
        colors, semantics);
  };
  const std::string preset = tiny().default_avatar().colors.at("frame");
  const Estimate seen = with(0.08), hidden = with(0.9);
  EXPECT_TRUE(seen.warnings.empty());
  EXPECT_NE(seen.avatar.colors.at("frame"), preset);
  ASSERT_EQ(hidden.warnings.size(), 1u);
  EXPECT_TRUE(testing::contains(hidden.warnings[0], "sunglasses"));
  EXPECT_EQ(hidden.avatar.colors.at("frame"), preset);
  EXPECT_EQ(hidden.colors.at("frame"), 0);
  const HeadOutput sunglasses = choice(HeadKind::attribute, "glasses", {{"none", 0.1}, {"sunglasses", 0.9}});
  EXPECT_TRUE(choose({sunglasses}, colors).warnings.empty()) << "an engine without a colour of the eyes";
}

TEST(ChooseColors, InStronglyColouredLightSkinAndHairAreTheAttributesOwnAndThatIsSaid) {
  FaceColors colors = measured("skin", {190, 90, 40});
  colors.roles["hair"] = {{110, 40, 10}, 0.8};
  colors.roles["clothes"] = {{180, 60, 20}, 0.8};
  colors.cast = 0.4;
  const Estimate mild = choose({kTone5, kBlack}, colors);
  EXPECT_TRUE(mild.warnings.empty());
  EXPECT_NE(mild.avatar.colors.at("skin"), "#d7bd96");
  colors.cast = 0.7;
  const Estimate strong = choose({kTone5, kBlack}, colors);
  ASSERT_EQ(strong.warnings.size(), 1u);
  EXPECT_TRUE(testing::contains(strong.warnings[0], "strongly coloured"));
  EXPECT_EQ(strong.avatar.colors.at("skin"), "#d7bd96");
  EXPECT_EQ(strong.avatar.colors.at("hair"), "#1b1a1d");
  EXPECT_LT(strong.colors.at("skin"), mild.colors.at("skin"));
}

TEST(ChooseColors, ABlackAndWhitePhotoIsSaidAndUsesTheHeads) {
  FaceColors colors;
  colors.monochrome = true;
  const Estimate estimate = choose({kTone5}, colors);
  ASSERT_EQ(estimate.warnings.size(), 1u);
  EXPECT_TRUE(testing::contains(estimate.warnings[0], "black-and-white"));
  EXPECT_EQ(estimate.avatar.colors.at("skin"), "#d7bd96");
  EXPECT_EQ(estimate.avatar.colors.at("hair"), tiny().default_avatar().colors.at("hair"));
}

}  // namespace
}  // namespace swiftavatar
