#include "avatar/svg_text.h"

#include <gtest/gtest.h>

#include "avatar/svg_allow_list.h"

namespace swiftavatar {
namespace {

TEST(FormatNumber, IsShortAndPlain) {
  EXPECT_EQ(format_number(0), "0");
  EXPECT_EQ(format_number(-0.0), "0");
  EXPECT_EQ(format_number(-1e-9), "0");
  EXPECT_EQ(format_number(100), "100");
  EXPECT_EQ(format_number(-2.5), "-2.5");
  EXPECT_EQ(format_number(1.0 / 3), "0.333333");
  EXPECT_EQ(format_number(1e21), "1000000000000000000000");
}

TEST(SplitNumbers, ReadsCompactPaths) {
  const auto split = split_numbers("M10-5.5.5e1L+3,4 z", true);
  EXPECT_EQ(split.numbers, (std::vector<double>{10, -5.5, 5, 3, 4}));
  EXPECT_EQ(split.literals, (std::vector<std::string>{"M", "", "", "L", "", "z"}));
}

TEST(SplitNumbers, KeepsArcFlagsOutOfTheNumbers) {
  const auto split = split_numbers("M0 0a1 2 30 01.5.5", true);
  EXPECT_EQ(split.numbers, (std::vector<double>{0, 0, 1, 2, 30, .5, .5}));
  EXPECT_EQ(join_numbers(split), "M0 0a1 2 30 0 1 0.5 0.5");
  EXPECT_EQ(split_numbers(join_numbers(split), true).numbers, split.numbers);
}

TEST(SplitNumbers, SeparatorsDoNotMatter) {
  EXPECT_EQ(split_numbers("M1,2 L3 -4", true).literals, split_numbers("M1 2L3-4", true).literals);
  EXPECT_NE(split_numbers("M1 2L3 4", true).literals, split_numbers("M1 2H3", true).literals);
}

void expect_transform(const char* text, double x, double y) {
  const auto matrix = parse_transform(text);
  ASSERT_TRUE(matrix) << text;
  const cv::Point2d point = transform_point(*matrix, {2, 3});
  EXPECT_NEAR(point.x, x, 1e-9) << text;
  EXPECT_NEAR(point.y, y, 1e-9) << text;
}

TEST(ParseTransform, FollowsTheSvgGrammar) {
  expect_transform("", 2, 3);
  expect_transform("translate(10)", 12, 3);
  expect_transform("translate(10 20)scale(2)", 14, 26);
  expect_transform(" scale( 2 , 3 ) , translate(1,1) ", 6, 12);
  expect_transform("rotate(90)", -3, 2);
  expect_transform("rotate(90 2 3)", 2, 3);
  expect_transform("matrix(1 2 3 4 5 6)", 2 + 9 + 5, 4 + 12 + 6);
  expect_transform("skewX(45)", 5, 3);
  for (const char* bad : {"translate", "translate(", "translate()", "rotate(1 2)", "turn(3)", "scale(1 2 3)",
                          "translate(1px)", "matrix(1 2 3 4 5)", "translate(1) x"}) {
    EXPECT_FALSE(parse_transform(bad)) << bad;
  }
}

TEST(EscapeXml, CoversTheFiveEntities) {
  EXPECT_EQ(escape_xml("<a & 'b' \">"), "&lt;a &amp; &apos;b&apos; &quot;&gt;");
}

TEST(AllowList, BlocksScriptsAndReferencesToTheOutside) {
  EXPECT_TRUE(allowed_element("path"));
  EXPECT_TRUE(allowed_attribute("stroke-width"));
  for (const char* name :
       {"script", "foreignObject", "a", "image", "feImage", "svg", "animate", "set", "iframe", "Path"}) {
    EXPECT_FALSE(allowed_element(name)) << name;
  }
  for (const char* name : {"onload", "onclick", "xlink:href", "xmlns", "src", "Fill"}) {
    EXPECT_FALSE(allowed_attribute(name)) << name;
  }
  EXPECT_EQ(refuse_value("fill", "url(#a)"), "");
  EXPECT_EQ(refuse_value("fill", "#abc"), "");
  EXPECT_EQ(refuse_value("href", "#a-b_c.d"), "");
  EXPECT_EQ(refuse_value("style", "mix-blend-mode:multiply"), "");
  for (const char* value :
       {"url(http://x)", "url(//x)", "url( #a)", "url('#a')", "url(#a", "url(#)", "URL(x)", "url\n(x)",
        "url(#a) url(x)", "javascript:1", "VBScript :1", "expression(1)", "a\\62", "a\x01"}) {
    EXPECT_NE(refuse_value("fill", value), "") << value;
  }
  for (const char* value : {"fill:url(#a)", "@import 'x'", "behavior:x", "-MOZ-binding:x"}) {
    EXPECT_NE(refuse_value("style", value), "") << value;
  }
}

}  // namespace
}  // namespace swiftavatar
