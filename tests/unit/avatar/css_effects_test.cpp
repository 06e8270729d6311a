#include "avatar/css_effects.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(CssEffects, DeclarationsCount) {
  EXPECT_EQ(css_effects("fill: red; fill-opacity: 0.5; mask-type: alpha").cost(), 0);
  EXPECT_EQ(css_effects("fill: red; OPACITY : 0.5").cost(), kLayerCost);
  EXPECT_EQ(css_effects("isolation:isolate;opacity:.5").cost(), kLayerCost) << "one layer for both";
  EXPECT_EQ(css_effects("mix-blend-mode: multiply").cost(), kLayerCost + kBlendCost);
  EXPECT_EQ(css_effects("mix-blend-mode: normal; isolation: auto; filter: none").cost(), 0);
}

TEST(CssEffects, EachFunctionOfAFilterCounts) {
  EXPECT_EQ(css_effects("filter", "url(#a)").cost(), kLayerCost) << "what it names is counted where it stands";
  EXPECT_EQ(css_effects("filter", "blur(2px) Sepia(1) drop-shadow(1 1 2)").cost(),
            kLayerCost + 2 * kBlurCost + kFilterCost);
}

TEST(CssEffects, SheetsCountTheirWorstRule) {
  EXPECT_EQ(css_effects("g:hover{filter:blur(1)} .a,#b{opacity:.5;filter:blur(1) blur(2)}").cost(),
            kLayerCost + 2 * kBlurCost);
}

TEST(CssEffects, AtRulesAreNotDrawn) {
  EXPECT_EQ(
      css_effects("@media print { g { opacity: 0.5 } } @keyframes x{from{opacity:0}to{opacity:1}} g{fill:red}").cost(),
      0);
  for (const char* hidden : {"@media print{} g{opacity:.5}", "@x; g{opacity:.5}", "g{a:[;@x]}h{opacity:.5}",
                             "g{@x{a:b} opacity:.5}", "/* @x{ */ g{opacity:.5}", "@media \"{\"; g{opacity:.5}"}) {
    EXPECT_GT(css_effects(hidden).cost(), 0) << hidden;
  }
}

TEST(CssEffects, InheritedOnesAreTold) {
  EXPECT_TRUE(css_effects("filter: Inherit").inherits);
  EXPECT_TRUE(css_effects("mask", " inherit").inherits);
  EXPECT_FALSE(css_effects("fill: inherit; opacity: inherit").inherits);
}

}  // namespace
}  // namespace swiftavatar
