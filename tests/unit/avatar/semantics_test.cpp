#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

using testing::read_file;
using testing::tiny;

nlohmann::ordered_json tiny_semantics() {
  return nlohmann::ordered_json::parse(read_file(testing::tiny_dir() / "semantics.json"));
}

Semantics semantics() { return Semantics::open(testing::tiny_dir() / "semantics.json", tiny()).value(); }

TEST(Semantics, ReadsVariantsAndColours) {
  Avatar avatar = tiny().default_avatar();
  EXPECT_EQ(semantics().read(avatar), (Attributes{{"hair_color", "black"},
                                                  {"hair_length", "short"},
                                                  {"hair_texture", "straight"},
                                                  {"headwear", "none"},
                                                  {"skin_tone", "5"}}));
  avatar.colors["skin"] = "#7a5540";
  avatar.colors["hair"] = "#e0c080";
  const Attributes attributes = semantics().read(avatar);
  EXPECT_EQ(attributes.at("skin_tone"), "7");
  EXPECT_EQ(attributes.at("hair_color"), "blond");
}

TEST(Semantics, LaterComponentsWin) {
  Avatar avatar = tiny().default_avatar();
  avatar.discrete["hat"] = "cap";
  const Attributes attributes = semantics().read(avatar);
  EXPECT_EQ(attributes.at("hair_length"), "hidden");
  EXPECT_EQ(attributes.at("headwear"), "hat");
}

TEST(Semantics, ComponentsGoBeforeColoursAndImpossibleIsAbsent) {
  Avatar avatar = tiny().default_avatar();
  avatar.discrete["hair"] = std::nullopt;
  EXPECT_EQ(semantics().read(avatar).at("hair_color"), "na");
  EXPECT_FALSE(semantics().read(avatar).contains("fringe"));
}

TEST(Semantics, KnowsWhatIsExcluded) {
  EXPECT_TRUE(semantics().excluded("head", "round"));
  EXPECT_FALSE(semantics().excluded("head", "normal"));
  EXPECT_FALSE(semantics().excluded("eye", "round"));
}

TEST(Semantics, PreferredChoicesAreTheStart) {
  auto json = tiny_semantics();
  json["prefer"] = {{"components", {{"hat", {"cap", "none"}}}}, {"colors", {{"hat", "#00FF00"}}}};
  const Semantics chosen = Semantics::parse(json.dump(), tiny()).value();
  EXPECT_EQ(chosen.preferred("hat"), (std::vector<std::string>{"cap", "none"}));
  EXPECT_TRUE(chosen.preferred("hair").empty());
  const Avatar start = chosen.start(tiny());
  EXPECT_EQ(start.discrete.at("hat"), "cap");
  EXPECT_EQ(start.colors.at("hat"), "#00ff00");
  EXPECT_EQ(start.discrete.at("hair"), tiny().default_avatar().discrete.at("hair"));
}

TEST(Semantics, OfAnotherDefinitionNamesBothHashes) {
  const std::string other(64, 'a');
  auto json = tiny_semantics();
  json["definition_sha256"] = other;
  const auto result = Semantics::parse(json.dump(), tiny());
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, ErrorCode::engine_invalid);
  EXPECT_NE(result.error().message.find(other), std::string::npos);
  EXPECT_NE(result.error().message.find(tiny().sha256()), std::string::npos);
}

TEST(Semantics, MalformedIsRefusedWithItsPath) {
  const struct {
    const char *pointer, *value, *message;
  } cases[] = {
      {"/schema", "\"swiftavatar.semantics/9\"", "/schema: is"},
      {"/order", "[\"hair\", \"nose\"]", "/order/1: the engine has no component \"nose\""},
      {"/order", "[\"hair\"]", "/order: lacks \"hat\""},
      {"/order", "[\"hair\", \"hat\", \"hat\"]", "/order/2: \"hat\" stands twice"},
      {"/components/nose", "{}", "/components/nose: the engine has no component"},
      {"/components/hair/bob", "{}", "/components/hair/bob: \"hair\" has no variant \"bob\""},
      {"/components/eye", "{\"none\": {}}", "/components/eye/none: \"eye\" has no variant"},
      {"/components/hair/long/hair_lenght", "\"long\"",
       "/components/hair/long/hair_lenght: \"hair_lenght\" is no attribute"},
      {"/components/hair/long/hair_length", "\"huge\"", "/components/hair/long/hair_length: \"huge\" is no value"},
      {"/components/hair/short/hair_texture", "[]", "/components/hair/short/hair_texture: is empty"},
      {"/components/hair/short/hair_texture/1", "\"frizzy\"",
       "/components/hair/short/hair_texture/1: \"frizzy\" is no value"},
      {"/colors/skin/color", "\"fur\"", "/colors/skin/color: the engine has no colour"},
      {"/colors/skin/anchors/11", "\"#ffffff\"", "/colors/skin/anchors/11: \"11\" is no value of skin_tone"},
      {"/colors/hair/anchors/black/0", "\"black\"", "/colors/hair/anchors/black/0: must be a colour"},
      {"/colors/headwear/anchors", "{}", "/colors/headwear/anchors: only the roles"},
      {"/exclude/head", "[\"square\"]", "/exclude/head/0: \"head\" has no variant"},
      {"/exclude/eye", "[\"open\", \"shut\"]", "/exclude/eye: leaves no choice"},
      {"/prefer", "{\"components\": {\"head\": [\"round\"]}}",
       "/prefer/components/head: \"round\" is preferred and excluded"},
      {"/prefer", "{\"colors\": {\"sky\": \"#0000ff\"}}", "/prefer/colors/sky: the engine has no colour"},
      {"/impossible", "[\"height\"]", "/impossible/0: \"height\" is no attribute"},
      {"/colour", "{}", "/: unknown key \"colour\""},
  };
  for (const auto& [pointer, value, message] : cases) {
    auto json = tiny_semantics();
    json[nlohmann::ordered_json::json_pointer(pointer)] = nlohmann::ordered_json::parse(value);
    const auto result = Semantics::parse(json.dump(), tiny());
    ASSERT_FALSE(result.ok()) << pointer;
    EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
  }
}

TEST(Semantics, SkinTonesMayBeNumbers) {
  auto json = tiny_semantics();
  json["components"]["eye"] = {{"open", {{"skin_tone", 3}}}};
  const auto result = Semantics::parse(json.dump(), tiny());
  ASSERT_TRUE(result.ok()) << result.error().message;
  EXPECT_EQ(result.value().read(tiny().default_avatar()).at("skin_tone"), "3");
}

}  // namespace
}  // namespace swiftavatar
