// Reading definitions: what is accepted, what is refused and where the message says it is.

#include <gtest/gtest.h>

#include "avatar/engines.h"
#include "avatar/json_view.h"

namespace swiftavatar {
namespace {

using testing::read_file;
using testing::tiny;
using testing::tiny_with;

TEST(Engine, ReadsEveryPart) {
  const Engine engine = tiny();
  EXPECT_EQ(engine.name(), "tiny");
  EXPECT_EQ(engine.width(), 200);
  EXPECT_EQ(engine.height(), 100);
  EXPECT_EQ(engine.sha256().size(), 64u);
  ASSERT_TRUE(engine.components().contains("head"));
  EXPECT_EQ(engine.components().at("head").variants, (std::vector<std::string>{"normal", "narrow", "wide", "round"}));
  EXPECT_FALSE(engine.components().at("head").optional);
  EXPECT_TRUE(engine.components().at("hat").optional);
  EXPECT_FALSE(engine.components().contains("eyeTwin")) << "an alias is no choice";
  EXPECT_FALSE(engine.components().contains("hairBack")) << "a tied component is no choice";
  EXPECT_EQ(engine.palettes().at("skin").values, (std::vector<std::string>{"#d7bd96", "#825c43"}));
  EXPECT_EQ(engine.palettes().at("hair").values[2], "#eeeeee");
  EXPECT_EQ(engine.sliders().at("eye_spacing").measure, "eye_spacing");
  EXPECT_EQ(engine.sliders().at("eye_spacing").drives.size(), 2u);
}

TEST(Engine, DefaultsKeepTheColourRules) {
  const Avatar avatar = tiny().default_avatar();
  EXPECT_EQ(avatar.discrete.at("head"), "normal");
  EXPECT_EQ(avatar.discrete.at("hair"), "short");
  EXPECT_EQ(avatar.discrete.at("hat"), std::nullopt) << "rare components are absent";
  EXPECT_EQ(avatar.colors.at("hat"), "#c03030") << "notEqualTo hair";
  EXPECT_EQ(avatar.colors.at("frame"), "#101010") << "contrastTo background";
  EXPECT_EQ(avatar.continuous.at("eye_size"), 0.5);
}

TEST(Engine, CheckFillsInAndNormalises) {
  const Engine engine = tiny();
  Avatar avatar;
  avatar.colors["skin"] = "#ABC";
  const Avatar checked = engine.check(avatar).value();
  EXPECT_EQ(checked.colors.at("skin"), "#aabbcc");
  EXPECT_EQ(checked.discrete, engine.default_avatar().discrete);
  EXPECT_EQ(checked.continuous, engine.default_avatar().continuous);
}

TEST(Engine, CheckNamesWhatTheEngineLacks) {
  const Engine engine = tiny();
  const auto message = [&engine](auto change) {
    Avatar avatar = engine.default_avatar();
    change(avatar);
    const auto result = engine.check(avatar);
    EXPECT_FALSE(result.ok());
    if (result.ok()) return std::string();
    EXPECT_EQ(result.error().code, ErrorCode::engine_invalid);
    return result.error().message;
  };
  const auto expect_in = [](const std::string& part, const std::string& text) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  };
  expect_in("\"nose\"", message([](Avatar& a) { a.discrete["nose"] = "big"; }));
  expect_in("\"fat\"", message([](Avatar& a) { a.discrete["head"] = "fat"; }));
  expect_in("\"head\"", message([](Avatar& a) { a.discrete["head"] = std::nullopt; }));
  expect_in("\"mood\"", message([](Avatar& a) { a.continuous["mood"] = 0; }));
  expect_in("from -1 to 3, not 3.5", message([](Avatar& a) { a.continuous["eye_spacing"] = 3.5; }));
  expect_in("eye_size", message([](Avatar& a) { a.continuous["eye_size"] = std::nan(""); }));
  expect_in("\"lips\"", message([](Avatar& a) { a.colors["lips"] = "#ffffff"; }));
  expect_in("#rrggbb", message([](Avatar& a) { a.colors["skin"] = "brown"; }));
  expect_in("\"hairBack\"", message([](Avatar& a) { a.discrete["hairBack"] = "long"; }));
}

TEST(Engine, CheckAcceptsFollowersThatAgree) {
  Avatar avatar = tiny().default_avatar();
  avatar.discrete["hairBack"] = avatar.discrete["hair"];
  avatar.discrete["eyeTwin"] = avatar.discrete["eye"];
  const auto checked = tiny().check(avatar);
  ASSERT_TRUE(checked.ok()) << checked.error().message;
  EXPECT_FALSE(checked.value().discrete.contains("hairBack"));
}

struct Malformed {
  std::string pointer, value;  // replaced by this JSON; removed where empty
  std::string message;         // a part of the message
};

class MalformedDefinition : public ::testing::TestWithParam<Malformed> {};

TEST_P(MalformedDefinition, IsRefusedWithItsPath) {
  const auto& [pointer, value, message] = GetParam();
  const auto result = Engine::parse(tiny_with(pointer, value), "bad");
  ASSERT_FALSE(result.ok()) << "accepted " << pointer << " = " << value;
  EXPECT_EQ(result.error().code, ErrorCode::engine_invalid);
  EXPECT_NE(result.error().message.find(message), std::string::npos) << result.error().message;
}

const std::string kPath = "/components/head/variants/normal/elements/0";

INSTANTIATE_TEST_SUITE_P(
    All, MalformedDefinition,
    ::testing::Values(
        Malformed{"/canvas", "", "/: \"canvas\" is missing"},
        Malformed{"/canvas/width", "0", "/canvas/width: must be a number"},
        Malformed{"/canvas/height", "\"100\"", "/canvas/height: must be a number"},
        Malformed{"/canvas/elements", "{}", "/canvas/elements: must be a list"},
        Malformed{"/shapes", "{}", "/: unknown key \"shapes\""},
        Malformed{"/canvas/elements/0/type", "\"picture\"", "/canvas/elements/0/type: must be element"},
        Malformed{"/canvas/elements/0/name", "\"nose\"", "/canvas/elements/0/name: there is no component \"nose\""},
        Malformed{"/canvas/elements/0/attributes/transform", "\"move(3)\"",
                  "/canvas/elements/0/attributes/transform: is not"},
        Malformed{"/canvas/elements/2/attributes/x", "\"5%\"", "/canvas/elements/2/attributes/x: must be a number"},
        Malformed{kPath + "/name", "\"script\"", kPath + "/name: element <script> is not allowed"},
        Malformed{kPath + "/name", "\"foreignObject\"", kPath + "/name: element <foreignObject> is not allowed"},
        Malformed{kPath + "/name", "\"a\"", kPath + "/name: element <a> is not allowed"},
        Malformed{kPath + "/name", "\"image\"", kPath + "/name: element <image> is not allowed"},
        Malformed{kPath + "/attributes/onclick", "\"x()\"",
                  kPath + "/attributes/onclick: attribute \"onclick\" is not"},
        Malformed{kPath + "/attributes/xlink:href", "\"#a\"", "xlink:href: attribute"},
        Malformed{kPath + "/attributes/a~1b", "\"\"", kPath + "/attributes/a~1b: attribute"},
        Malformed{kPath + "/attributes/href", "\"https://x.org/a.svg#b\"",
                  kPath + "/attributes/href: may only name an id"},
        Malformed{kPath + "/attributes/href", "\"data:image/png;base64,AAAA\"", kPath + "/attributes/href: may only"},
        Malformed{kPath + "/attributes/fill", "\"url(https://x.org/#a)\"",
                  kPath + "/attributes/fill: may only use url"},
        Malformed{kPath + "/attributes/fill", "\"URL ( #a)\"", kPath + "/attributes/fill: may only use url"},
        Malformed{kPath + "/attributes/mask", "\"url('#a')\"", kPath + "/attributes/mask: may only use url"},
        Malformed{kPath + "/attributes/style", "\"fill:url(#a)\"", kPath + "/attributes/style: may not use url"},
        Malformed{kPath + "/attributes/style", "\"fill:u\\\\72l(x)\"", kPath + "/attributes/style: has a backslash"},
        Malformed{kPath + "/attributes/id", "\"a b\"", kPath + "/attributes/id: is not an id"},
        Malformed{kPath + "/attributes/d", "{\"type\": \"color\", \"name\": \"skin\"}",
                  kPath + "/attributes/d: attribute"},
        Malformed{kPath + "/attributes/fill/name", "\"fur\"", kPath + "/attributes/fill/name: there is no colour"},
        Malformed{kPath + "/attributes/opacity", "0.5", kPath + "/attributes/opacity: must be a string"},
        Malformed{"/components/head/width", "", "/components/head: \"width\" is missing"},
        Malformed{"/components/head/variants", "{}", "/components/head/variants: has no variant"},
        Malformed{"/components/head/probability", "120", "/components/head/probability: must be a number"},
        Malformed{"/components/Nose", "{\"extends\": \"eye\"}", "/components/Nose: \"Nose\" is not a camelCase"},
        Malformed{"/components/eyeTwin/extends", "\"ear\"", "/components/eyeTwin/extends: there is no component"},
        Malformed{"/components/hair/scale/max", "1", "/components/hair/scale: min is above max"},
        Malformed{"/components/mole/variants/dot/elements/0", "{\"type\": \"component\", \"name\": \"head\"}",
                  "the component draws itself"},
        Malformed{"/colors/skin/values/0", "\"brown\"", "/colors/skin/values/0: \"brown\" is not a colour"},
        Malformed{"/colors/skin/values", "[]", "/colors/skin/values: has no colour"},
        Malformed{"/meta/creator/url", "\"javascript:alert(1)\"", "/meta/creator/url: is not a web address"},
        Malformed{"/parameters/eye_size/max", "0", "/parameters/eye_size/max: max must be above min"},
        Malformed{"/parameters/eye_size/default", "2", "/parameters/eye_size/default: must be a number from 0 to 1"},
        Malformed{"/parameters/eye_size/measure", "\"eye_colour\"",
                  "/parameters/eye_size/measure: \"eye_colour\" is not"},
        Malformed{"/parameters/eye_size/drives/0/component", "\"ear\"",
                  "/parameters/eye_size/drives/0/component: there is"},
        Malformed{"/parameters/eye_size/drives/0/property", "\"skew\"",
                  "/parameters/eye_size/drives/0/property: must be"},
        Malformed{"/parameters/eye_size/drives/0/from", "0", "/parameters/eye_size/drives/0/from: must be a number"},
        Malformed{"/parameters/eye_spacing/drives/1/instance", "2",
                  "/parameters/eye_spacing/drives/1/instance: must be"},
        Malformed{"/parameters/face_width/drives/0/from", "\"thin\"",
                  "/parameters/face_width/drives/0/from: \"head\" has"},
        Malformed{"/parameters/face_width/drives/0/to", "\"round\"",
                  "/parameters/face_width/drives/0/to: the two variants"},
        Malformed{"/anchors/478", "{\"component\": \"eye\", \"x\": 0, \"y\": 0}",
                  "/anchors/478: \"478\" is not a mesh"},
        Malformed{"/anchors/133/x", "", "/anchors/133: \"x\" is missing"},
        Malformed{"/anchors/234/variants/square", "[0, 0]", "/anchors/234/variants/square: there is no"},
        Malformed{"/anchors/234/variants/wide", "[0]", "/anchors/234/variants/wide: must be [x, y]"},
        Malformed{"/tied/hairBack", "\"hat\"", "/tied/hairBack: \"hairBack\" has no variant \"cap\""},
        Malformed{"/tied/hair", "\"hairBack\"", "is tied itself"}));

TEST(Engine, RefusesTextThatIsNoJson) {
  for (const std::string text : {"", "{", "[1, 2", "{\"canvas\": }", "\xff\xfe"}) {
    const auto result = Engine::parse(text, "bad");
    ASSERT_FALSE(result.ok());
    EXPECT_NE(result.error().message.find("is not valid JSON"), std::string::npos) << result.error().message;
  }
  const auto list = Engine::parse("[]", "bad");
  ASSERT_FALSE(list.ok());
  EXPECT_NE(list.error().message.find("/: must be an object"), std::string::npos) << list.error().message;
}

TEST(Engine, RefusesDoubleKeysWithTheirPath) {
  const auto result = Engine::parse(R"({"canvas": {"elements": [{"type": "text", "type": "element"}]}})", "bad");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("/canvas/elements/0: has the key \"type\" twice"), std::string::npos)
      << result.error().message;
}

TEST(Engine, RefusesWhatIsTooLargeOrTooDeep) {
  const auto deep = Engine::parse(std::string(100000, '['), "deep");
  ASSERT_FALSE(deep.ok());
  EXPECT_NE(deep.error().message.find("deeper than 64 levels"), std::string::npos) << deep.error().message;

  const auto large = Engine::parse(std::string(kMaxDefinitionBytes + 1, ' '), "large");
  ASSERT_FALSE(large.ok());
  EXPECT_NE(large.error().message.find("larger than 16 MiB"), std::string::npos) << large.error().message;
}

// Ten components, each of which draws the next one ten times: ten thousand million elements from a short file.
TEST(Engine, RefusesReferencesThatMultiply) {
  nlohmann::ordered_json json = {
      {"canvas", {{"width", 1}, {"height", 1}, {"elements", {{{"type", "component"}, {"name", "a0"}}}}}}};
  for (int i = 0; i < 10; ++i) {
    nlohmann::ordered_json elements = nlohmann::ordered_json::array();
    for (int k = 0; k < 10; ++k) {
      if (i < 9)
        elements.push_back({{"type", "component"}, {"name", "a" + std::to_string(i + 1)}});
      else
        elements.push_back({{"type", "element"}, {"name", "rect"}});
    }
    json["components"]["a" + std::to_string(i)] = {
        {"width", 1}, {"height", 1}, {"variants", {{"v", {{"elements", elements}}}}}};
  }
  const auto result = Engine::parse(json.dump(), "bomb");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("/canvas: an avatar could draw more than"), std::string::npos)
      << result.error().message;
}

TEST(Engine, CopiesShareTheDefinition) {
  const Engine engine = tiny(), copy = engine;
  EXPECT_EQ(&copy.definition(), &engine.definition());
  EXPECT_EQ(copy.svg(copy.default_avatar()), engine.svg(engine.default_avatar()));
}

TEST(Engine, MissingFileIsNamed) {
  const auto result = Engine::open("/no/such/definition.json", "x");
  ASSERT_FALSE(result.ok());
  EXPECT_NE(result.error().message.find("/no/such/definition.json"), std::string::npos);
}

TEST(AvatarJson, RoundTripsEveryBit) {
  Avatar avatar = tiny().default_avatar();
  avatar.continuous["eye_size"] = 0.1 + 0.2;
  const auto back = avatar_from_json(nlohmann::json::parse(to_json(avatar).dump()));
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back.value().discrete, avatar.discrete);
  EXPECT_EQ(back.value().continuous, avatar.continuous);
  EXPECT_EQ(back.value().colors, avatar.colors);
}

TEST(AvatarJson, RefusesWrongTypes) {
  for (const char* text : {"[]", R"({"discrete": 1})", R"({"discrete": {"a": 1}})", R"({"continuous": {"a": "1"}})",
                           R"({"colors": {"a": null}})", R"({"discreet": {}})"}) {
    EXPECT_FALSE(avatar_from_json(nlohmann::json::parse(text)).ok()) << text;
  }
}

}  // namespace
}  // namespace swiftavatar
