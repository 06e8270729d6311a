#include "cli/render.h"

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar::cli {
namespace {

using swiftavatar::testing::contains;
using swiftavatar::testing::failure_of;
using swiftavatar::testing::tiny;

Avatar after(const std::string& assignment, const Engine& engine = tiny()) {
  Avatar avatar;
  set_parameter(engine, assignment, avatar);
  return avatar;
}

TEST(SetParameter, SetsVariantsSlidersAndColours) {
  EXPECT_EQ(after("eye=shut").discrete.at("eye"), "shut");
  EXPECT_EQ(after("eye_size=0.25").continuous.at("eye_size"), 0.25);
  EXPECT_EQ(after("eye_tilt=-1e1").continuous.at("eye_tilt"), -10);
  EXPECT_EQ(after("skin=#a07e56").colors.at("skin"), "#a07e56");
}

TEST(SetParameter, TheValueTellsWhatANameMeansThatIsUsedTwice) {
  // "hair" is a component and a colour.
  EXPECT_EQ(after("hair=#ffffff").colors.at("hair"), "#ffffff");
  EXPECT_EQ(after("hair=long").discrete.at("hair"), "long");
  EXPECT_TRUE(after("hair=long").colors.empty());

  const std::string text = swiftavatar::testing::tiny_with("/parameters/eye",
                                                           R"({"min": 0, "max": 1, "default": 0,
      "drives": [{"component": "head", "property": "rotate", "from": 0, "to": 9}]})");
  const Engine engine = Engine::parse(text, "tiny").value();
  EXPECT_EQ(after("eye=0.5", engine).continuous.at("eye"), 0.5);
  EXPECT_EQ(after("eye=shut", engine).discrete.at("eye"), "shut");
}

TEST(SetParameter, NoneLeavesAComponentOut) {
  const Avatar avatar = after("hair=none");
  ASSERT_TRUE(avatar.discrete.contains("hair"));
  EXPECT_EQ(avatar.discrete.at("hair"), std::nullopt);
}

TEST(SetParameter, TheLastOneOfSeveralCounts) {
  Avatar avatar = after("eye=shut");
  set_parameter(tiny(), "eye=open", avatar);
  EXPECT_EQ(avatar.discrete.at("eye"), "open");
}

TEST(SetParameter, OnlyTheFirstEqualsSignParts) { EXPECT_EQ(after("eye=a=b").discrete.at("eye"), "a=b"); }

TEST(SetParameter, WhatIsNoAssignmentIsAWrongCommand) {
  for (const char* assignment : {"hair", "=long", ""}) {
    const Error error = failure_of([&] { after(assignment); });
    EXPECT_EQ(error.code, ErrorCode::usage) << assignment;
    EXPECT_TRUE(contains(error.message, "NAME=VALUE")) << error.message;
  }
}

TEST(SetParameter, ANameThatTheEngineLacksIsNamed) {
  const Error error = failure_of([] { after("nose=big"); });
  EXPECT_EQ(error.code, ErrorCode::engine_invalid);
  EXPECT_TRUE(contains(error.message, "\"nose\"")) << error.message;
  EXPECT_TRUE(contains(error.message, "engines show tiny")) << error.message;
}

TEST(SetParameter, ASliderTakesANumber) {
  for (const char* assignment : {"eye_size=big", "eye_size=0.5x", "eye_size="}) {
    const Error error = failure_of([&] { after(assignment); });
    EXPECT_EQ(error.code, ErrorCode::engine_invalid) << assignment;
    EXPECT_TRUE(contains(error.message, "takes a number")) << error.message;
  }
}

TEST(SetParameter, AColourHasNoAlpha) {
  for (const char* assignment : {"skin=#aabbccdd", "skin=#aabbccff", "skin=#abcd"}) {
    const Error error = failure_of([&] { after(assignment); });
    EXPECT_EQ(error.code, ErrorCode::usage) << assignment;
    EXPECT_TRUE(contains(error.message, "#rrggbb")) << error.message;
  }
  EXPECT_EQ(after("skin=#abc").colors.at("skin"), "#abc");
}

TEST(SetParameter, WhatTheEngineCannotDrawIsRefusedByIt) {
  for (const char* assignment : {"eye=none", "eye=closed", "eye_size=nan", "eye_size=2", "skin=beige", "hair=#12345"}) {
    EXPECT_FALSE(tiny().check(after(assignment)).ok()) << assignment;
  }
}

}  // namespace
}  // namespace swiftavatar::cli
