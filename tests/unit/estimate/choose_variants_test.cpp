#include <cmath>

#include <gtest/gtest.h>

#include "estimate/choose.h"
#include "estimate/helpers.h"

namespace swiftavatar {
namespace {

using testing::choice;
using testing::tiny;
using testing::tiny_semantics;

Estimate choose(const std::vector<HeadOutput>& heads, const Semantics& semantics = tiny_semantics()) {
  Estimate estimate;
  estimate.avatar = tiny().default_avatar();
  choose_variants(tiny(), semantics, choice_heads(heads, HeadKind::attribute), choice_heads(heads, HeadKind::discrete),
                  choice_heads(heads, HeadKind::style), estimate);
  return estimate;
}

TEST(ChooseVariants, ShowsTheLikeliestAttribute) {
  EXPECT_EQ(
      choose({choice(HeadKind::attribute, "hair_length", {{"short", 0.2}, {"long", 0.8}})}).avatar.discrete.at("hair"),
      "long");
  EXPECT_EQ(
      choose({choice(HeadKind::attribute, "hair_length", {{"short", 0.8}, {"long", 0.2}})}).avatar.discrete.at("hair"),
      "short");
  EXPECT_EQ(choose({choice(HeadKind::attribute, "headwear", {{"none", 0.1}, {"hat", 0.9}})}).avatar.discrete.at("hat"),
            "cap");
}

TEST(ChooseVariants, ABaldPersonGetsNoHair) {
  const Estimate estimate =
      choose({choice(HeadKind::attribute, "hair_length", {{"bald", 0.9}, {"short", 0.05}, {"long", 0.05}})});
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), std::nullopt);
}

TEST(ChooseVariants, ABaldHeadIsNotLessLikelyForHavingNoTexture) {
  const Semantics semantics = tiny_semantics({
      {"/components/hair",
       R"({"short": {"hair_length": "short", "hair_texture": "straight"}, "long": {"hair_length": "long"},
                               "none": {"hair_length": "bald", "hair_texture": "na"}})"},
  });
  const std::vector<HeadOutput> heads = {
      choice(HeadKind::attribute, "hair_length", {{"bald", 0.5}, {"short", 0.4}, {"long", 0.1}}),
      choice(HeadKind::attribute, "hair_texture", {{"straight", 0.9}, {"curly", 0.1}}),
      choice(HeadKind::attribute, "headwear", {{"none", 0.99}, {"hat", 0.01}})};
  EXPECT_EQ(choose(heads, semantics).avatar.discrete.at("hair"), std::nullopt);
}

TEST(ChooseVariants, HidingWhatIsUnclearDoesNotPay) {
  // A cap hides the hair: were saying nothing free, it would win wherever the hair is in doubt.
  const Estimate estimate = choose({choice(HeadKind::attribute, "hair_length", {{"short", 0.5}, {"long", 0.5}}),
                                    choice(HeadKind::attribute, "headwear", {{"none", 0.6}, {"hat", 0.4}})});
  EXPECT_EQ(estimate.avatar.discrete.at("hat"), std::nullopt);
}

TEST(ChooseVariants, AnExcludedVariantIsNeverChosen) {
  const Estimate estimate = choose(
      {choice(HeadKind::discrete, "head", {{"round", 0.97}, {"wide", 0.02}, {"narrow", 0.005}, {"normal", 0.005}})});
  EXPECT_EQ(estimate.avatar.discrete.at("head"), "wide");
}

TEST(ChooseVariants, AnAttributeThatTheEngineCannotShowHasNoSay) {
  // Only long hair has a fringe, but the semantics call fringes impossible.
  const Estimate estimate = choose({choice(HeadKind::attribute, "hair_length", {{"short", 0.6}, {"long", 0.4}}),
                                    choice(HeadKind::attribute, "fringe", {{"yes", 0.99}, {"no", 0.01}})});
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), "short");
}

TEST(ChooseVariants, TheEnginesOwnHeadDecidesWhatAttributesDoNot) {
  EXPECT_EQ(choose({choice(HeadKind::discrete, "eye", {{"open", 0.1}, {"shut", 0.9}})}).avatar.discrete.at("eye"),
            "shut");
}

TEST(ChooseVariants, AnAttributeOutweighsTheEnginesOwnHead) {
  const Estimate estimate = choose(
      {choice(HeadKind::attribute, "hair_length", {{"short", 0.8}, {"long", 0.2}}),
       choice(HeadKind::attribute, "headwear", {{"none", 0.9}, {"hat", 0.1}}),  // else a cap would settle the dispute
       choice(HeadKind::discrete, "hair", {{"none", 0.01}, {"short", 0.2}, {"long", 0.79}})});
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), "short");
}

TEST(ChooseVariants, APreferredVariantNeedsLessOfTheEnginesOwnHead) {
  const Semantics preferring = tiny_semantics({{"/prefer", R"({"components": {"eye": ["open"]}})"}});
  const auto eye = [&](double shut) {
    const HeadOutput head = choice(HeadKind::discrete, "eye", {{"open", 1 - shut}, {"shut", shut}});
    return std::pair(*choose({head}, preferring).avatar.discrete.at("eye"), *choose({head}).avatar.discrete.at("eye"));
  };
  EXPECT_EQ(eye(0.9), std::pair(std::string("open"), std::string("shut")));
  EXPECT_EQ(eye(0.999), std::pair(std::string("shut"), std::string("shut")));
}

TEST(ChooseVariants, AVariantThatTheEnginesOwnHeadDoesNotKnowIsUnlikely) {
  EXPECT_EQ(choose({choice(HeadKind::discrete, "hair", {{"none", 0.1}, {"long", 0.9}})}).avatar.discrete.at("hair"),
            "long");
}

TEST(ChooseVariants, LengthDoesNotGiveWayToTexture) {
  // Short hair is straight, long hair curly: the likelier pair would be long and curly.
  const Semantics semantics = tiny_semantics({
      {"/components/hair", R"({"short": {"hair_length": "short", "hair_texture": "straight"},
                               "long": {"hair_length": "long", "hair_texture": "curly"}, "none": {"hair_length": "bald"}})"},
  });
  const std::vector<HeadOutput> heads = {
      choice(HeadKind::attribute, "hair_length", {{"bald", 0.001}, {"short", 0.8}, {"long", 0.199}}),
      choice(HeadKind::attribute, "hair_texture", {{"straight", 0.12}, {"curly", 0.88}}),
      choice(HeadKind::attribute, "headwear", {{"none", 0.99}, {"hat", 0.01}})};
  EXPECT_EQ(choose(heads, semantics).avatar.discrete.at("hair"), "short");
}

TEST(ChooseVariants, TheEnginesOwnHeadChoosesAmongHairThatShowsTheSame) {
  const Semantics semantics = tiny_semantics({
      {"/components/hair",
       R"({"short": {"hair_length": "short"}, "long": {"hair_length": "short"}, "none": {"hair_length": "bald"}})"},
  });
  const Estimate estimate =
      choose({choice(HeadKind::attribute, "hair_length", {{"bald", 0.4}, {"short", 0.6}}),
              choice(HeadKind::discrete, "hair", {{"none", 0.98}, {"short", 0.005}, {"long", 0.015}})},
             semantics);
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), "long")
      << "a bald head looks like the generated ones, but the attribute says no";
  const double share = std::sqrt(3.0) / (std::sqrt(3.0) + 1);  // its head's word counts half
  EXPECT_NEAR(estimate.discrete.at("hair"), 0.6 * share, 0.05);
}

TEST(ChooseVariants, AStyleOverrulesAnUnsureAttribute) {
  const std::vector<HeadOutput> heads = {choice(HeadKind::attribute, "hair_length", {{"short", 0.55}, {"long", 0.45}}),
                                         choice(HeadKind::style, "hair", {{"short", 0.05}, {"long", 0.95}})};
  EXPECT_EQ(choose(heads).avatar.discrete.at("hair"), "long");
}

TEST(ChooseVariants, WhetherThereIsAHatIsForTheAttributeToSay) {
  const HeadOutput style = choice(HeadKind::style, "hat", {{"none", 0.9}, {"cap", 0.1}});
  EXPECT_EQ(
      choose({choice(HeadKind::attribute, "headwear", {{"none", 0.3}, {"hat", 0.7}}), style}).avatar.discrete.at("hat"),
      "cap");
  EXPECT_EQ(
      choose({choice(HeadKind::attribute, "headwear", {{"none", 0.7}, {"hat", 0.3}}), style}).avatar.discrete.at("hat"),
      std::nullopt);
}

TEST(ChooseVariants, StylesOfWhichTheEngineDrawsFewHaveNoSay) {
  const std::vector<HeadOutput> heads = {
      choice(HeadKind::attribute, "hair_length", {{"short", 0.55}, {"long", 0.45}}),
      choice(HeadKind::style, "hair", {{"long", 0.9}, {"bob", 0.03}, {"afro", 0.03}, {"locs", 0.02}, {"bun", 0.02}})};
  EXPECT_EQ(choose(heads).avatar.discrete.at("hair"), "short");
}

TEST(ChooseVariants, TwoPartsThatHelpOnlyTogetherAreFound) {
  // Without a cap the tone is always "1" (0.2); a cap alone makes it "3" (0.05), a cap with long hair "2" (0.75).
  const Semantics semantics = tiny_semantics({
      {"/components", R"({"hair": {"none": {"skin_tone": 3}, "short": {"skin_tone": 3}, "long": {"skin_tone": 2}},
                          "hat": {"none": {"skin_tone": 1, "headwear": "none"}, "cap": {"headwear": "hat"}}})"},
  });
  const Estimate estimate = choose({choice(HeadKind::attribute, "skin_tone", {{"1", 0.2}, {"2", 0.75}, {"3", 0.05}}),
                                    choice(HeadKind::attribute, "headwear", {{"none", 0.6}, {"hat", 0.4}}),
                                    // Until the cap is on, long hair only costs.
                                    choice(HeadKind::discrete, "hair", {{"none", 0.1}, {"short", 0.6}, {"long", 0.3}})},
                                   semantics);
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), "long");
  EXPECT_EQ(estimate.avatar.discrete.at("hat"), "cap");
}

TEST(ChooseVariants, ConfidenceIsTheShareAmongTheComponentsOptions) {
  const Estimate estimate = choose({choice(HeadKind::attribute, "hair_length", {{"short", 0.8}, {"long", 0.2}})});
  // No hair means "bald", which this head does not know: as good as a guess between its two answers.
  EXPECT_NEAR(estimate.discrete.at("hair"), 0.8 / (0.8 + 0.2 + 0.5), 1e-6);
  EXPECT_NEAR(estimate.discrete.at("eye"), 0.5, 1e-9) << "two variants and nothing known";
}

TEST(ChooseVariants, WhatNothingSpeaksForKeepsTheEnginesDefault) {
  const Estimate estimate = choose({choice(HeadKind::discrete, "eye", {{"open", 0.1}, {"shut", 0.9}})});
  EXPECT_EQ(estimate.avatar.discrete.at("hair"), "short");      // probability 80
  EXPECT_EQ(estimate.avatar.discrete.at("hat"), std::nullopt);  // probability 10
}

TEST(ChooseVariants, ColoursThatShowAnAttributeAreTakenAsSet) {
  // The hair's colour says "black"; leaving the hair out would say "na", which the head finds unlikely.
  const Estimate estimate =
      choose({choice(HeadKind::attribute, "hair_color", {{"black", 0.97}, {"blond", 0.01}, {"na", 0.02}})});
  EXPECT_NE(estimate.avatar.discrete.at("hair"), std::nullopt);
}

}  // namespace
}  // namespace swiftavatar
