// Drawings of strangers become elements of a definition.

#include <gtest/gtest.h>

#include "avatar/svg_import.h"
#include "failure_of.h"

namespace swiftavatar {
namespace {

const Placeholders kColors = {{"$[hairColor]", "hair"}, {"$[faceShave]", ""}};

ImportedSvg import(const std::string& svg) { return import_svg(svg, kColors); }

std::string refusal(const std::string& svg) {
  return testing::failure_of([&] { import(svg); }).message;
}

TEST(SvgImport, DropsTheRootAndWhatEditorsRead) {
  const auto part =
      import(R"(<?xml version="1.0"?><!DOCTYPE svg><!-- x --><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">
    <title>t</title><metadata><rdf:RDF/></metadata><sodipodi:namedview a="1"/>
    <path id="Shape 1" inkscape:label="x" data-name="y" d="M1 2L3 4"/></svg>)");
  ASSERT_EQ(part.elements.size(), 1u);
  EXPECT_EQ(part.elements[0].dump(), R"({"type":"element","name":"path","attributes":{"d":"M1 2L3 4"}})");
  EXPECT_TRUE(part.shades.empty());
}

TEST(SvgImport, StylesBecomeAttributes) {
  const auto part = import(
      R"(<style><!-- c --> /* d */ path { fill: red } .a, .b { fill:#fff; stroke : #000 !important; stroke-width:5px }
    #x { fill: blue } g path { fill: lime } .a{white-space:pre}</style>
    <path class="z a" d="M0 0" fill="green"/><path class="b" id="x" d="M0 0" style="stroke:#111;mix-blend-mode:multiply"/>)");
  const auto& one = part.elements[0]["attributes"];
  EXPECT_EQ(one["fill"], "#fff");
  EXPECT_EQ(one["stroke"], "#000");
  EXPECT_EQ(one["style"], "stroke-width:5px");
  EXPECT_FALSE(one.contains("class"));
  const auto& two = part.elements[1]["attributes"];
  EXPECT_EQ(two["fill"], "blue");
  EXPECT_EQ(two["stroke"], "#111");
  EXPECT_EQ(two["style"], "mix-blend-mode:multiply;stroke-width:5px");
}

TEST(SvgImport, PlaceholdersBecomeColours) {
  const auto part = import(R"-(<style>.h{fill:$[hairColor]}</style><path class="h" stroke="$[hairColor]" d="M0 0"/>)-");
  const nlohmann::ordered_json color{{"type", "color"}, {"name", "hair"}};
  EXPECT_EQ(part.elements[0]["attributes"]["fill"], color);
  EXPECT_EQ(part.elements[0]["attributes"]["stroke"], color);
}

TEST(SvgImport, ShadesAreApart) {
  const auto part = import(
      R"-(<g transform="scale(2)"><path d="M0 0L1 1L2 0Z" fill="#fff"/><path d="M0 0L3 3L6 0Z" fill="$[faceShave]"/></g>)-");
  ASSERT_EQ(part.elements[0]["children"].size(), 1u);
  ASSERT_EQ(part.shades[0]["children"].size(), 1u);
  EXPECT_EQ(part.shades[0]["attributes"]["transform"], "scale(2)");
  EXPECT_EQ(part.shades[0]["children"][0]["attributes"]["fill"], "#000000");
  EXPECT_EQ(part.box, cv::Rect2d(0, 0, 12, 6)) << "both count";
}

TEST(SvgImport, ShapesKeepTheirPlaceWithSpaceOrTitlesInside) {
  const auto part = import("<path d=\"M0 0\">\n</path><path d=\"M1 1\"><title>t</title></path>");
  ASSERT_EQ(part.elements.size(), 2u);
  EXPECT_EQ(part.elements[1].dump(), R"({"type":"element","name":"path","attributes":{"d":"M1 1"}})");
  EXPECT_TRUE(part.shades.empty());
}

TEST(SvgImport, ReferencesGetNewIds) {
  const auto part =
      import(R"(<defs><linearGradient id="my fade"/><linearGradient id="b"><stop offset="0"/></linearGradient></defs>
    <style>.s{fill:url(#b)}</style><path id="p" class="s" d="M0 0"/>)");
  const auto& defs = part.elements[0]["children"];
  EXPECT_FALSE(defs[0].contains("attributes"));
  EXPECT_EQ(defs[1]["attributes"]["id"], "r0");
  EXPECT_EQ(part.elements[1]["attributes"]["fill"], "url(#r0)");
  EXPECT_FALSE(part.elements[1]["attributes"].contains("id"));
}

TEST(SvgImport, TheBoxIsThatOfTheShapesWithoutStrokes) {
  const auto part = import(
      R"-(<path d="M-30 10L20 10L20 40Z" stroke="#000" stroke-width="20"/><g transform="translate(5 5)"><circle cx="50" cy="300" r="10"/></g>)-");
  EXPECT_NEAR(part.box.x, -30, 0.01);
  EXPECT_NEAR(part.box.y, 10, 0.01);
  EXPECT_NEAR(part.box.x + part.box.width, 65, 0.01);
  EXPECT_NEAR(part.box.y + part.box.height, 315, 0.01);
  EXPECT_TRUE(import("").box.empty());
  EXPECT_TRUE(import("<g/>").box.empty());
}

TEST(SvgImport, RefusesWhatADefinitionMayNotHave) {
  EXPECT_NE(refusal("<script>x</script>").find("<script>"), std::string::npos);
  EXPECT_NE(refusal("<foreignObject/>").find("<foreignObject>"), std::string::npos);
  EXPECT_NE(refusal("<image href=\"a.png\"/>").find("<image>"), std::string::npos);
  EXPECT_NE(refusal("<path d=\"M0 0\" onclick=\"x\"/>").find("onclick"), std::string::npos);
  EXPECT_NE(refusal("<use xlink:href=\"http://x/y.svg#a\"/>").find("href"), std::string::npos);
  EXPECT_NE(refusal("<path fill=\"url(http://x)\"/>").find("url"), std::string::npos);
  EXPECT_NE(refusal("<style>@import 'x';</style>").find("at-rules"), std::string::npos);
  std::string rules;
  for (int i = 0; i < 600; ++i) rules += ".a{fill:red}";
  EXPECT_NE(refusal("<style>" + rules + "</style>").find("500 rules"), std::string::npos);
  EXPECT_NE(refusal("<path fill=\"$[other]\"/>").find("$[other]"), std::string::npos);
  EXPECT_NE(refusal("<path d=\"$[hairColor]\"/>").find("takes no colour"), std::string::npos);
}

TEST(SvgImport, RefusesBrokenXml) {
  for (const char* svg : {"<g>", "</g>", "<g></p>", "<g a></g>", "<g a=1/>", "<g a=\"1", "<!-- x", "<g>&nope;</g>",
                          "< />", "<!DOCTYPE svg [<!ENTITY a \"b\">]><g/>"}) {
    EXPECT_FALSE(refusal(svg).empty()) << svg;
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep = "<g>" + deep + "</g>";
  EXPECT_NE(refusal(deep).find("64 levels"), std::string::npos);
  EXPECT_FALSE(refusal("<path d=\"M0 0\" fill=\"\xc3\xa9\"/>").empty()) << "only ASCII is drawn";
}

}  // namespace
}  // namespace swiftavatar
