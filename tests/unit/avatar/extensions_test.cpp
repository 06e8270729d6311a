// What definitions have beyond DiceBear's, for engines that are imported: keepStroke, substitutes, blended opacity,
// sliders that follow attributes.

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

ordered_json line(const std::string& width, bool as_style = false) {
  ordered_json element{
      {"type", "element"}, {"name", "path"}, {"attributes", {{"d", "M0 50L100 50"}, {"stroke", "#ff0000"}}}};
  element["attributes"][as_style ? "style" : "stroke-width"] = as_style ? "stroke-width:" + width : width;
  return element;
}

ordered_json variant(ordered_json element) { return {{"elements", ordered_json::array({std::move(element)})}}; }

/// A line that a slider stretches, and a hat that decides over it.
ordered_json definition() {
  ordered_json json;
  json["canvas"] = {
      {"width", 100},
      {"height", 100},
      {"elements", {{{"type", "component"}, {"name", "line"}}, {{"type", "component"}, {"name", "hat"}}}}};
  json["components"]["line"] = {
      {"width", 100},
      {"height", 100},
      {"keepStroke", true},
      {"variants",
       {{"thin", variant(line("10"))}, {"thick", variant(line("40"))}, {"style", variant(line("20", true))}}}};
  json["components"]["hat"] = {
      {"width", 100},
      {"height", 100},
      {"probability", 10},
      {"variants", {{"cap", {{"elements", ordered_json::array()}}}, {"bow", {{"elements", ordered_json::array()}}}}}};
  json["parameters"]["size"] = {{"min", 0.5},
                                {"max", 2},
                                {"default", 1},
                                {"drives",
                                 {{{"component", "line"}, {"property", "scaleX"}, {"from", 0.5}, {"to", 2}},
                                  {{"component", "line"}, {"property", "scaleY"}, {"from", 0.5}, {"to", 2}}}}};
  return json;
}

Engine engine(const ordered_json& json) { return Engine::parse(json.dump(), "test").value(); }

std::string refusal(const std::string& pointer, const ordered_json& value) {
  ordered_json json = definition();
  json[ordered_json::json_pointer(pointer)] = value;
  const auto result = Engine::parse(json.dump(), "test");
  EXPECT_FALSE(result.ok()) << pointer;
  return result.ok() ? "" : result.error().message;
}

/// Rows of the picture that the line covers.
int height(const Engine& engine, const Avatar& avatar) {
  const cv::Mat image = render_svg(engine.svg(engine.check(avatar).value()), 100).value();
  int rows = 0;
  for (int y = 0; y < image.rows; ++y) rows += image.at<cv::Vec4b>(y, 50)[3] > 127;
  return rows;
}

TEST(KeepStroke, LinesKeepTheirWidthUnlessItIsAStyle) {
  const Engine lines = engine(definition());
  Avatar avatar = lines.default_avatar();
  for (const double size : {0.5, 1.0, 2.0}) {
    avatar.continuous["size"] = size;
    avatar.discrete["line"] = "thin";
    EXPECT_EQ(height(lines, avatar), 10) << size;
    avatar.discrete["line"] = "style";
    EXPECT_EQ(height(lines, avatar), 20 * size) << size;
  }
  EXPECT_NE(refusal("/components/line/keepStroke", 1).find("/components/line/keepStroke"), std::string::npos);
}

TEST(Substitutes, AnotherComponentDecides) {
  ordered_json json = definition();
  json["substitutes"]["line"] = {{"where", "hat"}, {"shows", {"cap"}}, {"draw", {{"thick", "thin"}}}};
  const Engine lines = engine(json);
  Avatar avatar = lines.default_avatar();
  avatar.discrete["line"] = "thick";
  EXPECT_EQ(height(lines, avatar), 40);
  avatar.discrete["hat"] = "bow";
  EXPECT_EQ(height(lines, avatar), 40);
  avatar.discrete["hat"] = "cap";
  EXPECT_EQ(height(lines, avatar), 10);
  avatar.discrete["line"] = "thin";
  EXPECT_EQ(height(lines, avatar), 0) << "not in the list";
}

TEST(Substitutes, NamesAreChecked) {
  const ordered_json good{{"where", "hat"}, {"shows", {"cap"}}, {"draw", {{"thick", "thin"}}}};
  const auto with = [&](const char* key, ordered_json value) {
    ordered_json rule = good;
    rule[key] = std::move(value);
    return rule;
  };
  EXPECT_NE(refusal("/substitutes/nose", good).find("nose"), std::string::npos);
  EXPECT_NE(refusal("/substitutes/hat", good).find("itself"), std::string::npos);
  EXPECT_NE(refusal("/substitutes/line", with("where", "tie")).find("tie"), std::string::npos);
  EXPECT_NE(refusal("/substitutes/line", with("shows", {"crown"})).find("/substitutes/line/shows/0"),
            std::string::npos);
  EXPECT_NE(refusal("/substitutes/line", with("draw", {{"thick", "fat"}})).find("fat"), std::string::npos);
  EXPECT_NE(refusal("/substitutes/line", with("else", 1)).find("else"), std::string::npos);
}

TEST(Blend, Opacity) {
  ordered_json json = definition();
  for (const auto& [name, opacity] : {std::pair("clear", "0"), std::pair("half", "0.5"), std::pair("full", "1")}) {
    json["components"]["line"]["variants"][name] = variant(line("10"));
    json["components"]["line"]["variants"][name]["elements"][0]["attributes"]["opacity"] = opacity;
  }
  json["parameters"]["ink"] = {
      {"min", 0},
      {"max", 1},
      {"default", 0.5},
      {"drives", {{{"component", "line"}, {"property", "blend"}, {"from", "clear"}, {"to", "full"}}}}};
  const Engine lines = engine(json);
  Avatar avatar = lines.default_avatar();
  avatar.discrete["line"] = "half";
  for (const double ink : {0.0, 0.2, 0.5, 1.0}) {
    avatar.continuous["ink"] = ink;
    const cv::Mat image = render_svg(lines.svg(lines.check(avatar).value()), 100).value();
    EXPECT_NEAR(testing::pixel(image, 50, 50)[3], 255 * ink, 1) << ink;
  }
}

TEST(Follows, AttributesAreChecked) {
  const auto follows = [](const char* attribute, ordered_json positions) {
    return ordered_json{{"attribute", attribute}, {"positions", std::move(positions)}};
  };
  const std::string at = "/parameters/size/follows";
  EXPECT_NE(refusal(at, follows("mood", {{"none", 0}})).find("mood"), std::string::npos);
  EXPECT_NE(refusal(at, follows("glasses", {{"monocle", 0}})).find("monocle"), std::string::npos);
  EXPECT_NE(refusal(at, follows("glasses", {{"none", 2}})).find(at + "/positions/none"), std::string::npos);
  ordered_json json = definition();
  json["parameters"]["size"]["follows"] = follows("glasses", {{"none", 0}, {"eyeglasses", 1}});
  EXPECT_EQ(engine(json).sliders().at("size").positions.at("eyeglasses"), 1);
}

}  // namespace
}  // namespace swiftavatar
