#include "estimate/choose.h"

#include <cmath>

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar {
namespace {

using testing::choice;
using testing::tiny;
using testing::tiny_semantics;

TEST(GroupFirst, ThreeKindsOfBeardOutweighNone) {
  const auto scores = group_first(
      "facial_hair",
      {{"none", std::log(0.4)}, {"moustache", std::log(0.2)}, {"goatee", std::log(0.2)}, {"beard", std::log(0.2)}});
  EXPECT_NEAR(scores.at("none"), std::log(0.4), 1e-9);
  EXPECT_NEAR(scores.at("beard"), std::log(0.6) + 0.25 * std::log(1.0 / 3), 1e-9);
  EXPECT_GT(scores.at("beard"), scores.at("none"));
}

TEST(GroupFirst, InsideTheGroupTheLikelierValueStaysAhead) {
  const auto scores =
      group_first("hair_color", {{"black", std::log(0.1)}, {"dark_brown", std::log(0.3)}, {"brown", std::log(0.6)}});
  EXPECT_GT(scores.at("brown"), scores.at("dark_brown"));
  EXPECT_GT(scores.at("dark_brown"), scores.at("black"));
}

TEST(GroupFirst, ValuesOfNoGroupKeepTheirScore) {
  const auto scores = group_first("hair_color", {{"other", -0.5}, {"black", -1}});
  EXPECT_EQ(scores.at("other"), -0.5);
  EXPECT_EQ(scores.size(), 2u) << "values that the head lacks must not appear";
}

TEST(GroupFirst, AttributesWithoutGroupsAreLeftAsTheyAre) {
  const std::map<std::string, double> tones = {{"5", -0.1}, {"6", -3}};
  EXPECT_EQ(group_first("skin_tone", tones), tones);
}

TEST(AttributeGroups, HoldOnlyWordsOfTheVocabularyAndEachOnce) {
  for (const auto& [attribute, groups] : attribute_groups()) {
    ASSERT_TRUE(attribute_values().contains(attribute)) << attribute;
    const auto& known = attribute_values().at(attribute);
    std::map<std::string, int> uses;
    for (const auto& group : groups) {
      EXPECT_FALSE(group.empty()) << attribute;
      for (const std::string& value : group) ++uses[value];
    }
    for (const auto& [value, count] : uses) {
      EXPECT_NE(std::find(known.begin(), known.end(), value), known.end()) << attribute << " " << value;
      EXPECT_EQ(count, 1) << attribute << " " << value;
    }
  }
}

TEST(ChoiceHeads, KindsAreKeptApart) {
  const std::vector<HeadOutput> heads = {choice(HeadKind::attribute, "skin_tone", {{"5", 0.5}}),
                                         choice(HeadKind::discrete, "hair", {{"long", 0.5}}),
                                         testing::slider("eye_size", 0.5f)};
  EXPECT_EQ(choice_heads(heads, HeadKind::attribute).size(), 1u);
  EXPECT_EQ(choice_heads(heads, HeadKind::discrete).size(), 1u);
  EXPECT_NEAR(choice_heads(heads, HeadKind::discrete).at("hair").at("long"), std::log(0.5), 1e-6);
}

TEST(ChoiceHeads, OneHeadThatIsAbsolutelySureCannotOutvoteAllOthers) {
  const HeadOutput head{HeadKind::attribute, "skin_tone", {"5", "6"}, {0, -1000}};
  EXPECT_EQ(choice_heads({head}, HeadKind::attribute).at("skin_tone").at("6"), -12);
}

TEST(ChoiceHeads, OnlyAttributesAreRegrouped) {
  const std::vector<std::pair<std::string, double>> beards = {{"none", 0.4}, {"goatee", 0.3}, {"beard", 0.3}};
  EXPECT_NEAR(choice_heads({choice(HeadKind::discrete, "facial_hair", beards)}, HeadKind::discrete)
                  .at("facial_hair")
                  .at("beard"),
              std::log(0.3), 1e-6);
  EXPECT_NEAR(choice_heads({choice(HeadKind::attribute, "facial_hair", beards)}, HeadKind::attribute)
                  .at("facial_hair")
                  .at("beard"),
              std::log(0.6) + 0.25 * std::log(0.5), 1e-6);
}

TEST(ChoiceHeads, AnOptionWithoutANumberIsNotRead) {
  const HeadOutput head{HeadKind::discrete, "hair", {"short", "long"}, {-0.5f}};
  EXPECT_EQ(choice_heads({head}, HeadKind::discrete).at("hair").size(), 1u);
}

TEST(ChooseAvatar, WhatNothingIsKnownAboutKeepsTheDefault) {
  const Estimate estimate = choose_avatar(tiny(), tiny_semantics(), {}, {}, {}, {});
  const Avatar wanted = tiny().default_avatar();
  EXPECT_EQ(estimate.avatar.discrete, wanted.discrete);
  EXPECT_EQ(estimate.avatar.continuous, wanted.continuous);
  EXPECT_EQ(estimate.avatar.colors, wanted.colors);
  EXPECT_TRUE(estimate.warnings.empty());
}

TEST(ChooseAvatar, EveryEntryHasAConfidenceAndTheEngineCanDrawIt) {
  FaceColors colors;
  colors.roles["skin"] = {{190, 150, 120}, 0.8};
  const std::vector<HeadOutput> heads = {choice(HeadKind::attribute, "skin_tone", {{"5", 0.9}, {"7", 0.1}}),
                                         choice(HeadKind::attribute, "hair_length", {{"short", 0.1}, {"long", 0.9}}),
                                         testing::slider("face_width", 0.8f)};
  const Engine engine = tiny();
  const Estimate estimate = choose_avatar(engine, tiny_semantics(), heads, {{"eye_spacing", 2}},
                                          {{"eye_spacing", {{1, 2, 3}, false}}}, colors);
  EXPECT_TRUE(engine.check(estimate.avatar).ok());
  for (const auto& [name, unused] : engine.components()) EXPECT_TRUE(estimate.discrete.contains(name)) << name;
  for (const auto& [name, unused] : engine.sliders()) EXPECT_TRUE(estimate.continuous.contains(name)) << name;
  for (const auto& [name, unused] : engine.palettes()) EXPECT_TRUE(estimate.colors.contains(name)) << name;
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), "long");
  EXPECT_EQ(tiny_semantics().read(estimate.avatar).at("skin_tone"), "5");
}

}  // namespace
}  // namespace swiftavatar
