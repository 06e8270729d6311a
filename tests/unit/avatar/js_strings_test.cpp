// Drawings as string literals of a JavaScript file.

#include <gtest/gtest.h>

#include "avatar/js_strings.h"

namespace swiftavatar {
namespace {

const std::vector<std::string> kGroups = {"hair", "eye"};

TEST(JsStrings, ReadsEveryKindOfQuoteAndKey) {
  const auto tables = find_svg_tables(
      R"js(var x={hair:{short:"<a/>",'faux-hawk':'<b c="1"/>',"3":`<d/>`,},"eye": { e1: "" , e2: '<f/>' }};)js",
      kGroups);
  EXPECT_EQ(tables.at("hair").at("short"), "<a/>");
  EXPECT_EQ(tables.at("hair").at("faux-hawk"), "<b c=\"1\"/>");
  EXPECT_EQ(tables.at("hair").at("3"), "<d/>");
  EXPECT_EQ(tables.at("eye").at("e1"), "");
  EXPECT_EQ(tables.at("eye").at("e2"), "<f/>");
}

TEST(JsStrings, Escapes) {
  const auto tables = find_svg_tables("x={hair:{a:'<p d=\\'M0 0\\'/>\\n\\x41\\u0042\\u{43}\\\n!\\/'}}", kGroups);
  EXPECT_EQ(tables.at("hair").at("a"), "<p d='M0 0'/>\nABC!/");
}

TEST(JsStrings, PassesOverWhatIsNoTableOfDrawings) {
  EXPECT_TRUE(find_svg_tables("x={hair:{a:'both'},eye:['<a/>']}", kGroups).empty()) << "values that are no drawings";
  EXPECT_TRUE(find_svg_tables("x={hair:{a:`<a>${b}</a>`}}", kGroups).empty()) << "a template that would have to be run";
  EXPECT_TRUE(find_svg_tables("x={hair:{a:'<a/>'+b}}", kGroups).empty()) << "an expression";
  EXPECT_TRUE(find_svg_tables("// hair:{a:'<a/>'}\n/* eye:{a:'<a/>'} */ \"hair:{a:'<a/>'}\"", kGroups).empty());
  EXPECT_TRUE(find_svg_tables("/hair:{a:'<a/>'}/.test(x)", kGroups).empty());
  EXPECT_TRUE(find_svg_tables("", kGroups).empty());
}

TEST(JsStrings, TheLargestTableCounts) {
  const auto tables = find_svg_tables("a={hair:{x:'<a/>'}};b={hair:{y:'<a b=\"1\"/>'}};c={hair:{z:'<a/>'}}", kGroups);
  EXPECT_EQ(tables.at("hair").size(), 1u);
  EXPECT_TRUE(tables.at("hair").contains("y"));
}

TEST(JsStrings, GoesOnBehindSlashesAndBrokenTables) {
  const auto tables =
      find_svg_tables("r=/['\"`{]/g;h=1/2;a={hair:{b:1,eye:{e:'<a/>'}}};x=a/b/c;y={hair:{z:'<c/>'}}", kGroups);
  EXPECT_TRUE(tables.at("eye").contains("e"));
  EXPECT_TRUE(tables.at("hair").contains("z"));
}

TEST(JsStrings, BrokenTextEndsTheSearchOnly) {
  for (const char* text : {"x={hair:{a:'<a/>'}};'", "x={hair:{a:'<a/>'}};`", "x={hair:{a:'<a/>'}};'\\u{110000}'",
                           "x={hair:{a:'<a/>'}};/*"}) {
    EXPECT_EQ(find_svg_tables(text, kGroups).at("hair").size(), 1u) << text;
  }
  EXPECT_TRUE(find_svg_tables("x={hair:{a:'<a/>", kGroups).empty());
  EXPECT_TRUE(find_svg_tables("hair:{", kGroups).empty());
}

}  // namespace
}  // namespace swiftavatar
