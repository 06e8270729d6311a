#include "avatar/dicebear_options.h"

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

using nlohmann::json;

// Two components, of which `hat` may be absent, an alias and two colours.
Engine style(bool ranges = false) {
  json definition = json::parse(R"({
    "canvas": {"width": 10, "height": 10, "elements": [{"type": "component", "name": "eyes"},
      {"type": "component", "name": "twin"}, {"type": "component", "name": "hat"}]},
    "components": {
      "eyes": {"width": 4, "height": 2, "variants": {"open": {"elements": []}, "shut": {"elements": []}}},
      "twin": {"extends": "eyes"},
      "hat": {"width": 4, "height": 2, "probability": 10, "variants": {"cap": {"elements": []}, "crown": {"elements": []}}}
    },
    "colors": {"hat": {"values": ["#f00", "#0000FF"]}, "skin": {"values": ["#d7bd96"]}}})");
  if (ranges) definition["components"]["hat"]["rotate"] = {{"min", -5}, {"max", 5}};
  return Engine::parse(definition.dump(), "dicebear:test").value();
}

std::string message(const json& options, bool ranges = false) {
  const auto avatar = DicebearOptions(style(ranges)).read(options);
  if (avatar.ok()) return "accepted";
  EXPECT_EQ(avatar.error().code, ErrorCode::usage);
  return avatar.error().message;
}

TEST(DicebearOptions, LeavesNothingToChance) {
  Avatar avatar = style().default_avatar();
  const DicebearOptions options(style());
  EXPECT_EQ(json(options.write(avatar)), json::parse(R"({"eyesVariant": "open", "hatProbability": 0,
    "hatColor": "#ff0000", "skinColor": "#d7bd96"})"));
  avatar.discrete["hat"] = "crown";
  EXPECT_EQ(json(options.write(avatar)),
            json::parse(R"({"eyesVariant": "open", "hatProbability": 100, "hatVariant": "crown",
    "hatColor": "#ff0000", "skinColor": "#d7bd96"})"));
}

TEST(DicebearOptions, ReadsWhatItWrites) {
  const DicebearOptions options(style());
  Avatar avatar = style().default_avatar();
  for (const auto& hat : {std::optional<std::string>(), std::optional<std::string>("crown")}) {
    avatar.discrete["hat"] = hat;
    avatar.colors["hat"] = "#12345678";
    const auto back = options.read(json(options.write(avatar)));
    ASSERT_TRUE(back.ok()) << back.error().message;
    EXPECT_EQ(back.value().discrete, avatar.discrete);
    EXPECT_EQ(back.value().colors, avatar.colors);
  }
}

TEST(DicebearOptions, ReadsOtherSpellingsOfOneChoice) {
  const auto avatar = DicebearOptions(style()).read(json::parse(R"({"eyesVariant": ["shut"], "hatVariant": {"cap": 3},
    "hatColor": ["0AF"], "hatColorFill": "solid", "size": 64, "title": "me", "flip": "none", "scale": 1, "rotate": [0, 0],
    "translateX": [], "seed": ""})"));
  ASSERT_TRUE(avatar.ok()) << avatar.error().message;
  EXPECT_EQ(avatar.value().discrete,
            (std::map<std::string, std::optional<std::string>>{{"eyes", "shut"}, {"hat", "cap"}}));
  EXPECT_EQ(avatar.value().colors, (std::map<std::string, std::string>{{"hat", "#00aaff"}}));
}

TEST(DicebearOptions, ProbabilityShowsAndHides) {
  const DicebearOptions options(style());
  EXPECT_EQ(options.read({{"hatProbability", 100}}).value().discrete.at("hat"), "cap");
  EXPECT_EQ(options.read({{"hatProbability", 0}, {"hatVariant", "cap"}}).value().discrete.at("hat"), std::nullopt);
  EXPECT_TRUE(options.read(json::object()).value().discrete.empty());
}

TEST(DicebearOptions, RefusesWhatAnAvatarCannotHold) {
  const auto expect = [](const json& options, const std::string& part) {
    EXPECT_NE(message(options).find(part), std::string::npos) << options << ": " << message(options);
  };
  expect(json::array(), "must be an object");
  expect({{"eyesVariant", {"open", "shut"}}}, "eyesVariant: lists 2 values");
  expect({{"eyesVariant", json::array()}}, "eyesVariant: lists 0 values");
  expect({{"eyesVariant", 3}}, "eyesVariant: must be the name");
  expect({{"hatProbability", 50}}, "hatProbability: must be 0 or 100");
  expect({{"noseVariant", "big"}}, "noseVariant: the engine dicebear:test has no component \"nose\"");
  expect({{"twinVariant", "open"}}, "twinVariant: ");
  expect({{"lipsColor", "#fff"}}, "lipsColor: the engine dicebear:test has no colour \"lips\"");
  expect({{"hatColor", "red"}}, "hatColor: must be one colour");
  expect({{"hatColor", {"#fff", "#000"}}}, "hatColor: lists 2 values");
  expect({{"hatColorFill", "linear"}}, "hatColorFill: an avatar's colours are solid");
  expect({{"flip", "horizontal"}}, "flip: moves or clips");
  expect({{"scale", {1, 2}}}, "scale: moves or clips");
  expect({{"borderRadius", 50}}, "borderRadius: moves or clips");
  expect({{"mood", "good"}}, "mood: is no option");
}

TEST(DicebearOptions, SeedMustNotChooseAnything) {
  json options = {{"seed", "Felix"}, {"eyesVariant", "open"}, {"hatProbability", 100}, {"hatColor", "#fff"}};
  EXPECT_NE(message(options).find("seed: would choose what \"hatVariant\" leaves open"), std::string::npos)
      << message(options);
  options["hatVariant"] = "cap";
  EXPECT_NE(message(options).find("\"skinColor\""), std::string::npos) << message(options);
  options["skinColor"] = "#a07e56";
  EXPECT_EQ(message(options), "accepted");
  EXPECT_NE(message(options, /*ranges=*/true).find("hat's rotate"), std::string::npos);
}

TEST(DicebearOptions, SlidersAndTiesAreNotOfDicebear) {
  EXPECT_TRUE(is_dicebear(style()));
  EXPECT_FALSE(is_dicebear(testing::tiny()));
}

}  // namespace
}  // namespace swiftavatar
