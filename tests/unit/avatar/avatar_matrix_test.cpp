#include "avatar/avatar_matrix.h"

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;
using testing::source_dir;

Engine alter() { return Engine::open(source_dir() / "configs/engines/alter/definition.json", "alter").value(); }

const char* const kCatalogue = R"({
  "schema": "swiftavatar.alter-catalogue/1",
  "always": [{"name": "lashes", "properties": {"colorLashes": "#000000"}}],
  "components": {
    "hair": {"colors": {"colorHair": "hair", "colorHighlight": {"color": "hair", "lighter": 0.5}},
             "items": {"bob": "hair_1", "roundBob": "hair_1", "bald": null, "afro": {"name": "hair_2", "properties": {"size": "big"}},
                       "coily": {"name": "hair_2", "properties": {"size": "small"}}}},
    "glasses": {"items": {"round": "glasses_1"}}
  },
  "colors": {"skin": {"#f3ccab": {"name": "skin", "properties": {"materialVariant": "light"}},
                      "#966343": {"name": "skin", "properties": {"materialVariant": "dark"}}}}
})";

AvatarMatrix matrix() { return AvatarMatrix::parse(kCatalogue, alter()).value(); }

std::string refused(const std::string& pointer, const std::string& value) {
  auto document = ordered_json::parse(kCatalogue);
  document[ordered_json::json_pointer(pointer)] = ordered_json::parse(value);
  const auto result = AvatarMatrix::parse(document.dump(), alter());
  EXPECT_FALSE(result.ok()) << pointer;
  if (result.ok()) return "";
  EXPECT_EQ(result.error().code, ErrorCode::engine_invalid);
  return result.error().message;
}

Error unread(const std::string& text) {
  const auto result = matrix().read(json::parse(text));
  EXPECT_FALSE(result.ok()) << text;
  return result.ok() ? Error{} : result.error();
}

TEST(AvatarMatrix, WritesItemsWithStringProperties) {
  Avatar avatar = alter().default_avatar();
  avatar.discrete["hair"] = "roundBob";
  avatar.discrete["glasses"] = std::nullopt;
  avatar.colors["hair"] = "#000080";
  avatar.colors["skin"] = "#8e5d40";
  const ordered_json expected = ordered_json::parse(R"({"name": null, "items": [
      {"name": "lashes", "properties": {"colorLashes": "#000000"}},
      {"name": "skin", "properties": {"materialVariant": "dark"}},
      {"name": "hair_1", "properties": {"colorHair": "#000080", "colorHighlight": "#8080C0"}}],
      "blendshapes": {}, "boneBlenderPresetWeights": {}, "boneBlenderWeights": {}})");
  EXPECT_EQ(matrix().write(avatar), expected);
}

TEST(AvatarMatrix, VariantsWithoutAnItemAreLeftOut) {
  Avatar avatar = alter().default_avatar();
  avatar.discrete["hair"] = "bald";
  avatar.discrete["glasses"] = "thin";
  EXPECT_EQ(matrix().write(avatar)["items"].size(), 2);
}

TEST(AvatarMatrix, ReadsBackWhatItWrote) {
  Avatar avatar = alter().default_avatar();
  for (const char* hair : {"bob", "afro", "coily"}) {
    avatar.discrete["hair"] = hair;
    avatar.discrete["glasses"] = "round";
    avatar.colors["hair"] = "#b1502a";
    const Avatar read = matrix().read(matrix().write(avatar)).value();
    EXPECT_EQ(read.discrete.at("hair"), hair);
    EXPECT_EQ(read.discrete.at("glasses"), "round");
    EXPECT_EQ(read.colors.at("hair"), "#b1502a");
    EXPECT_EQ(read.colors.at("skin"), "#f3ccab");
    EXPECT_FALSE(read.discrete.contains("mouth"));
  }
}

TEST(AvatarMatrix, OfVariantsThatShareAnItemTheFirstIsRead) {
  EXPECT_EQ(matrix().read(json::parse(R"({"items": [{"name": "hair_1"}]})")).value().discrete.at("hair"), "bob");
}

TEST(AvatarMatrix, WhatCannotBeReadIsNamed) {
  for (const auto& [text, part] : std::vector<std::pair<std::string, std::string>>{
           {R"({"items": [{"name": "lashes"}, {"name": "hat_1"}]})", "/items/1 is \"hat_1\""},
           {R"({"items": [{"name": "skin", "properties": {"materialVariant": "blue"}}]})", "other properties"},
           {R"({"items": [{"name": "hair_1"}, {"name": "hair_1"}]})", "second item for hair"},
           {R"({"items": [{"name": "hair_1", "properties": {"colorHair": "red"}}]})", "/items/0/properties/colorHair"},
           {R"({"items": [{"name": "hair_1", "properties": {"colorHair": 3}}]})", "must be a string"},
           {R"({"items": [3]})", "/items/0"},
           {R"({"items": {}})", "/items must be a list"},
           {R"({"items": [], "blendshapes": {"a": "b"}})", "/blendshapes"},
           {R"({"items": [], "colour": 1})", "/colour"},
           {R"([])", "AvatarMatrix"}}) {
    const Error error = unread(text);
    EXPECT_EQ(error.code, ErrorCode::usage) << text;
    EXPECT_NE(error.message.find(part), std::string::npos) << error.message;
  }
}

TEST(AvatarMatrix, ABadCatalogueIsRefusedWithItsPlace) {
  for (const auto& [pointer, value, part] : std::vector<std::array<std::string, 3>>{
           {"/schema", R"("x/2")", "/schema"},
           {"/more", "1", "unknown key \"more\""},
           {"/components/hair/items/mullet", R"("a")", "/components/hair/items/mullet: \"hair\" has no variant"},
           {"/components/hare", R"({"items": {}})", "/components/hare"},
           {"/components/hair/items/bob", "3", "/components/hair/items/bob"},
           {"/components/hair/items/bob", R"("")", "write null"},
           {"/components/hair/items/bob", R"({"name": "a", "properties": {"size": 3}})", "/properties/size"},
           {"/components/hair/items/bob", R"({"name": "a", "properties": {"colorHair": "#000000"}})",
            "carries a colour"},
           {"/components/hair/colors/colorHair", R"("hare")", "no colour \"hare\""},
           {"/components/glasses/items/thin", R"("hair_1")", "stands for hair already"},
           {"/colors/skin/#12", R"("a")", "must be a colour"},
           {"/colors/skin", "{}", "is empty"},
           {"/always", "{}", "must be a list"}}) {
    const std::string message = refused(pointer, value);
    EXPECT_NE(message.find(part), std::string::npos) << message;
  }
}

TEST(AvatarMatrix, TheExampleCatalogueFitsItsEngine) {
  const Engine engine = alter();
  const auto file = source_dir() / "configs/engines/alter/catalogue.json";
  const auto example = AvatarMatrix::open(file, engine);
  ASSERT_TRUE(example.ok()) << example.error().message;
  const ordered_json native = example.value().write(engine.default_avatar());
  EXPECT_EQ(native["items"].size(), 7);
  for (const auto& item : native["items"]) EXPECT_TRUE(item["name"].get<std::string>().starts_with("avatars/"));
  EXPECT_TRUE(engine.check(example.value().read(native).value()).ok());
}

}  // namespace
}  // namespace swiftavatar
