#include "avatar/xml_tree.h"

#include <gtest/gtest.h>

#include "failure_of.h"

namespace swiftavatar {
namespace {

std::string refusal(const std::string& text) {
  return testing::failure_of([&] { parse_xml(text); }).message;
}

std::string attribute(const std::string& value) {
  return parse_xml("<g a=\"" + value + "\"/>").child("g").attribute("a").value();
}

TEST(XmlTree, ReferencesBecomeCharacters) {
  EXPECT_EQ(attribute("&#233;&#xe9;&#8364;&#x1F600;"), "éé€😀");
  EXPECT_EQ(attribute("&amp;&lt;&gt;&quot;&apos;&#38;lt;"), "&<>\"'&lt;");
  EXPECT_STREQ(parse_xml("<g>&#233;</g>").child("g").text().get(), "é");
  EXPECT_STREQ(parse_xml("<g><![CDATA[&nope; <b>]]></g>").child("g").text().get(), "&nope; <b>");
}

TEST(XmlTree, RefusesReferencesThatMeanNothing) {
  for (const char* value : {"&nope;", "&", "&amp", "&;", "&#;", "&#x;", "&#0;", "&#x0;", "&#12;", "&#xd800;",
                            "&#x110000;", "&#99999999999;", "&#-1;", "&#1a;", "&#38;&nope;"}) {
    EXPECT_FALSE(refusal("<g a=\"" + std::string(value) + "\"/>").empty()) << value;
    EXPECT_FALSE(refusal("<g>" + std::string(value) + "</g>").empty()) << value;
  }
}

TEST(XmlTree, PassesOverPrologAndComments) {
  const auto document = parse_xml(
      "\xef\xbb\xbf<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- & &nope; -->\n<!DOCTYPE svg PUBLIC \"-//W3C//DTD "
      "SVG "
      "1.1//EN\" \"http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd\">\n<svg><a/></svg>");
  EXPECT_STREQ(document.child("svg").first_child().name(), "a");
}

TEST(XmlTree, ReadsFragments) {
  const auto document = parse_xml("<a/> text <b/>");
  EXPECT_TRUE(document.child("a"));
  EXPECT_TRUE(document.child("b"));
  EXPECT_FALSE(parse_xml("").first_child());
}

TEST(XmlTree, HasLimits) {
  std::string deep = "<g/>";
  for (int i = 0; i < 64; ++i) deep = "<g>" + deep + "</g>";
  EXPECT_NE(refusal("<g>" + deep + "</g>").find("64 levels"), std::string::npos);
  EXPECT_NO_THROW(parse_xml(deep.substr(3, deep.size() - 7)));
  std::string many;
  for (int i = 0; i < 20'000; ++i) many += "<g/>";
  EXPECT_NO_THROW(parse_xml(many));
  EXPECT_NE(refusal(many + "<g/>").find("20,000"), std::string::npos);
  EXPECT_NE(refusal("<!DOCTYPE svg [<!ENTITY a \"b\">]><g/>").find("entities"), std::string::npos);
  EXPECT_FALSE(refusal(std::string("<g/>\0<b/>", 9)).empty());
}

}  // namespace
}  // namespace swiftavatar
