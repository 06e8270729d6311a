#include "draft/names.h"

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

TEST(DraftNames, ComponentsSayWhatTheyShow) {
  EXPECT_EQ(kind_from_name("facialHair"), "facial_hair") << "before hair";
  EXPECT_EQ(kind_from_name("rearHair"), "hair");
  EXPECT_EQ(kind_from_name("hairAccessories"), "");
  EXPECT_EQ(kind_from_name("accessories"), "accessory");
  EXPECT_EQ(kind_from_name("eyes"), "");
  Component eyes;
  eyes.variants = {"open", "glassesRound"};
  EXPECT_EQ(kind_from_variants(eyes), "glasses");
  eyes.variants = {"open", "dark"};
  EXPECT_EQ(kind_from_variants(eyes), "");
}

TEST(DraftNames, VariantsSayWhatTheyShow) {
  EXPECT_EQ(value_from_name("hair_length", "balding"), "very_short") << "before bald";
  EXPECT_EQ(value_from_name("hair_length", "longHairBob"), "medium");
  EXPECT_EQ(value_from_name("facial_hair", "moustacheFancy"), "moustache");
  EXPECT_EQ(value_from_name("mouth", "variant03"), "");
  EXPECT_EQ(value_from_name("no_attribute", "bob"), "");
}

TEST(DraftNames, JokesAreKnownButBeardsAreNoBears) {
  EXPECT_TRUE(is_joke("eyePatch"));
  EXPECT_TRUE(is_joke("bearEars"));
  EXPECT_FALSE(is_joke("fullBeard"));
  EXPECT_FALSE(is_joke("short"));
}

TEST(DraftNames, PartsOfHairStandBeforeOrBehind) {
  EXPECT_TRUE(is_front("frontHair"));
  EXPECT_TRUE(is_rear("rearHair"));
  EXPECT_FALSE(is_front("hair") || is_rear("hair"));
}

TEST(DraftNames, ColoursHaveTheirRolesByName) {
  const auto roles = color_roles(testing::tiny());
  EXPECT_EQ(roles.at("skin"), "skin");
  EXPECT_EQ(roles.at("headwear"), "hat");
  EXPECT_FALSE(roles.contains("lips"));
}

}  // namespace
}  // namespace swiftavatar
