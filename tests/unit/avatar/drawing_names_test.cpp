// Names inside a drawing, and several drawings in one page.

#include "avatar/drawing_names.h"

#include <regex>
#include <set>

#include <gtest/gtest.h>

#include "avatar/engines.h"

namespace swiftavatar {
namespace {

std::string with_x(const std::string& name) { return name + "-x"; }
std::string with_y(const std::string& name) { return name + "-y"; }

TEST(DrawingNames, ReferencesAreRenamedAndColoursAreNot) {
  EXPECT_EQ(rename_references("href", "#a", with_x), "#a-x");
  EXPECT_EQ(rename_references("fill", "url(#a) #abc", with_x), "url(#a-x) #abc");
  EXPECT_EQ(rename_references("clip-path", "url(#a.b) url(#c)", with_x), "url(#a.b-x) url(#c-x)");
  EXPECT_EQ(rename_references("fill", "#abc", with_x), "#abc");
  EXPECT_EQ(rename_references("d", "M0 0", with_x), "M0 0");
}

TEST(DrawingNames, EveryClassIsRenamed) {
  EXPECT_EQ(rename_classes(" a\n b  c", with_x), "a-x b-x c-x");
  EXPECT_EQ(rename_classes("", with_x), "");
}

TEST(DrawingNames, SelectorsAreRenamedAndDeclarationsAreNot) {
  const auto rename = [](const std::string& css) { return rename_selectors(css, with_x, with_y); };
  EXPECT_EQ(rename("#a,g.b:hover>.c{fill:#abc;d:e.f}"), "#a-x,g.b-y:hover>.c-y{fill:#abc;d:e.f}");
  EXPECT_EQ(rename("@media print{.a{fill:#abc}}#b{c:d}"), "@media print{.a-y{fill:#abc}}#b-x{c:d}");
  EXPECT_EQ(rename("svg:has(.a){--t:1}@keyframes k{0%,95.5%{opacity:.5}}"),
            "svg:has(.a-y){--t:1}@keyframes k{0%,95.5%{opacity:.5}}");
  EXPECT_EQ(rename("/* .a{ */.b/*;*/.c{d:e/*}*/}.f{}"), "/* .a{ */.b-y/*;*/.c-y{d:e/*}*/}.f-y{}");
  EXPECT_EQ(rename("a{b:\"} .c{\n;}.d{}"), "a{b:\"} .c{\n;}.d-y{}") << "a broken string ends with its line";
  EXPECT_EQ(rename("a{b:\"} .c{\"}.d{}"), "a{b:\"} .c{\"}.d-y{}");
  for (const char* broken : {"", "#", ".", "{", "}", "\"", ".a", "#a{\"", "/*", ".a{/*"})
    EXPECT_NO_THROW(rename(broken));
}

std::set<std::string> found(const std::string& text, const std::string& pattern) {
  std::set<std::string> names;
  const std::regex expression(pattern);
  for (std::sregex_iterator it(text.begin(), text.end(), expression), end; it != end; ++it) names.insert((*it)[1]);
  return names;
}

// A canvas and a component (drawn twice) that use the same id, with each kind of reference.
constexpr const char* kNamed = R"json({
  "canvas": {"width": 30, "height": 10, "elements": [
    {"type": "element", "name": "style", "children": [{"type": "text", "value": ".warm { fill: #ff0000 } "},
                                                      {"type": "text", "value": "#dot, #a-1 { stroke: #000000 }"}]},
    {"type": "element", "name": "rect", "attributes": {"id": "dot", "class": "warm  b", "width": "5", "height": "10"}},
    {"type": "element", "name": "use", "attributes": {"href": "#dot", "transform": "translate(5 0)"
}
},
    {"type": "component", "name": "part", "attributes": {"transform": "translate(10 0)"}},
    {"type": "component", "name": "part", "attributes": {"transform": "translate(20 0)"}}
  ]
}
, "components" : {
  "part" : {
    "width" : 10,
    "height" : 10,
    "variants" : {
      "one" : {
        "elements" : [
          {
            "type" : "element",
            "name" : "style",
            "children" : [ {"type" : "text", "value" : "#dot > rect { fill: #00ff00 }"} ]
          },
          {
            "type" : "element",
            "name" : "clipPath",
            "attributes" : {"id" : "dot"},
            "children" : [ {"type" : "element", "name" : "rect", "attributes" : {"width" : "10", "height" : "10"}} ]
          },
          {
            "type" : "element",
            "name" : "rect",
            "attributes" : {"width" : "10", "height" : "10", "clip-path" : "url(#dot)", "mask" : "url(#none)"}
          }
        ]
      }
    }
  }
},
                 "colors" : {
  "background" : { "values" : [ "#ffffff", "#eeeeee" ] }
}
})json";

TEST(DrawingNames, AreUniqueInADrawingAndBetweenDrawings) {
  const Engine engine = Engine::parse(kNamed, "named").value();
  Avatar avatar = engine.default_avatar();
  const std::string svg = engine.svg(avatar);
  const auto ids = found(svg, " id=\"([^\"]+)\""), classes = found(svg, " class=\"([^ \"]+)");
  ASSERT_EQ(ids.size(), 3u) << svg;
  const std::string canvas = *ids.begin();
  EXPECT_TRUE(std::regex_match(canvas, std::regex("dot-[0-9a-f]{12}"))) << canvas;
  for (const std::string& id : {canvas, canvas + "-1", canvas + "-2"}) EXPECT_TRUE(ids.contains(id)) << id;
  EXPECT_EQ(found(svg, "href=\"#([^\"]+)\""), std::set{canvas});
  EXPECT_EQ(found(svg, "clip-path=\"url\\(#([^)]+)\\)"), (std::set{canvas + "-1", canvas + "-2"}));
  EXPECT_EQ(found(svg, "#([a-z0-9-]+) &gt;"), (std::set{canvas + "-1", canvas + "-2"}));
  EXPECT_EQ(found(svg, "#(dot-[a-z0-9]+),"), std::set{canvas});
  const std::string suffix = canvas.substr(3);
  EXPECT_EQ(classes, std::set{"warm" + suffix});
  EXPECT_NE(svg.find(" class=\"warm" + suffix + " b" + suffix + '"'), std::string::npos) << svg;
  EXPECT_NE(svg.find(".warm" + suffix + " { fill: #ff0000 }"), std::string::npos) << svg;
  EXPECT_NE(svg.find("url(#none" + suffix + ")"), std::string::npos) << "no other drawing's element is meant";
  EXPECT_EQ(engine.svg(avatar), svg);

  avatar.colors["background"] = "#eeeeee";
  for (const std::string& id : found(engine.svg(avatar), " id=\"([^\"]+)\"")) EXPECT_FALSE(ids.contains(id)) << id;
}

std::string style_refusal(const std::string& texts) {
  auto json = nlohmann::json::parse(kNamed);
  json["canvas"]["elements"][0]["children"] = nlohmann::json::parse(texts);
  const auto engine = Engine::parse(json.dump(), "named");
  return engine.ok() ? "" : engine.error().message;
}

TEST(DrawingNames, StylesMayNotSelectByAttributesOrHideWords) {
  EXPECT_NE(style_refusal(R"([{"type": "text", "value": "[id=\"dot\"] { fill: red }"}])").find("select by attributes"),
            std::string::npos);
  const std::string split = R"([{"type": "text", "value": "@im"}, {"type": "text", "value": "port 'x';"}])";
  EXPECT_NE(style_refusal(split).find("@import"), std::string::npos) << "texts are one sheet";
  const std::string hidden = R"([{"type": "text", "value": "@im/**/port 'x'; .a/**/.b {}"}])";
  ASSERT_EQ(style_refusal(hidden), "");
  auto json = nlohmann::json::parse(kNamed);
  json["canvas"]["elements"][0]["children"] = nlohmann::json::parse(hidden);
  const Engine engine = Engine::parse(json.dump(), "named").value();
  EXPECT_EQ(engine.svg(engine.default_avatar()).find("@import"), std::string::npos) << "comments stay";
}

TEST(DrawingNames, StylesHoldForTheDrawing) {
  const Engine engine = Engine::parse(kNamed, "named").value();
  const cv::Mat image = render_svg(engine.svg(engine.default_avatar()), 30).value();
  EXPECT_EQ(testing::pixel(image, 2, 5), cv::Vec4i(255, 0, 0, 255)) << "by class";
  EXPECT_EQ(testing::pixel(image, 7, 5), cv::Vec4i(255, 0, 0, 255)) << "through <use>";
}

}  // namespace
}  // namespace swiftavatar
