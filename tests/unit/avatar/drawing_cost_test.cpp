#include "avatar/drawing_cost.h"

#include <gtest/gtest.h>

#include "avatar/definition_reader.h"
#include "avatar/engine_store.h"
#include "avatar/engines.h"
#include "failure_of.h"

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;
using testing::failure_of;

using Attributes = std::map<std::string, std::string>;

template <class... Items>
ordered_json these(const Items&... items) {
  ordered_json all = ordered_json::array();
  (all.push_back(items), ...);
  return all;
}

ordered_json repeated(int count, const ordered_json& item) { return ordered_json(static_cast<size_t>(count), item); }

ordered_json element(const std::string& name, const Attributes& attributes = {},
                     const ordered_json& children = these()) {
  return {{"type", "element"}, {"name", name}, {"attributes", ordered_json(attributes)}, {"children", children}};
}

/// `count` elements in groups of at most 1000, which is how many one list may have.
ordered_json many(int count, const ordered_json& item) {
  ordered_json groups = these();
  for (; count > 0; count -= 1000) groups.push_back(element("g", {}, repeated(std::min(count, 1000), item)));
  return groups;
}

ordered_json canvas(const ordered_json& elements) {
  return {{"canvas", {{"width", 10}, {"height", 10}, {"elements", elements}}}};
}

/// A canvas with one reference to one component.
ordered_json component(const std::vector<ordered_json>& variants, const Attributes& attributes = {}) {
  ordered_json definition =
      canvas(these(ordered_json{{"type", "component"}, {"name", "c"}, {"attributes", ordered_json(attributes)}}));
  ordered_json& part = definition["components"]["c"] = {{"width", 1}, {"height", 1}};
  for (size_t i = 0; i < variants.size(); ++i) part["variants"]["v" + std::to_string(i)]["elements"] = variants[i];
  return definition;
}

DrawingCost cost(const ordered_json& definition) { return drawing_cost(read_definition(definition).art); }
std::string refusal(const ordered_json& elements) {
  return failure_of([&] { read_definition(canvas(elements)); }).message;
}

void expect_in(const std::string& part, const std::string& text) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

const ordered_json kRect = element("rect");
const ordered_json kGroup = element("g", {}, these(kRect));

TEST(DrawingCost, WhatIsNamedCountsAtEachPlace) {
  const ordered_json named = element("defs", {}, these(element("g", {{"id", "a"}}, repeated(10, kGroup))));
  const DrawingCost once = cost(canvas(these(named)));
  const DrawingCost often =
      cost(canvas(these(named, element("g", {}, repeated(100, element("use", {{"href", "#a"}}))))));
  EXPECT_EQ(often.elements - once.elements, 1 + 100 + 100 * 21);
  EXPECT_GT(often.bytes, 50 * once.bytes);
  const ordered_json mask = element("mask", {{"id", "m"}}, these(kRect));
  EXPECT_EQ(cost(canvas(these(mask, element("g", {{"mask", "url(#m)"}})))).elements, 2 + 1 + 2);
}

TEST(DrawingCost, OfVariantsTheLargestCounts) {
  EXPECT_EQ(cost(component({these(), these(kRect, kRect), these(kRect)})).elements, 1 + 2);
}

TEST(DrawingCost, IdsOfAVariantAreItsOwn) {
  const ordered_json use = element("use", {{"href", "#a"}}), heavy = element("g", {{"id", "a"}}, repeated(50, kRect));
  ordered_json definition = component({these(use, element("g", {{"id", "a"}}))});
  definition["canvas"]["elements"].push_back(heavy);
  EXPECT_EQ(cost(definition).elements, 1 + (1 + 1 + 1) + 51);
  definition = component({these(use)});
  definition["canvas"]["elements"].push_back(heavy);
  EXPECT_EQ(cost(definition).elements, 1 + (1 + 51) + 51) << "it sees the canvas' one";
}

TEST(DrawingCost, TheSizeOfTheFileIsBounded) {
  const ordered_json text{{"type", "text"}, {"value", std::string(4'000, 'a')}};
  EXPECT_NO_THROW(read_definition(canvas(many(14'000, element("title", {}, these(text))))));
  expect_in("/canvas: an avatar could be a picture file of more than 64 MiB",
            refusal(many(17'500, element("title", {}, these(text)))));
}

TEST(DrawingCost, ReferencesThatMultiplyAreRefused) {
  ordered_json levels = these(element("g", {{"id", "l9"}}, these(kRect)));
  for (int i = 0; i < 9; ++i) {
    const ordered_json use = element("use", {{"href", "#l" + std::to_string(i + 1)}});
    levels.push_back(element("g", {{"id", "l" + std::to_string(i)}}, repeated(10, use)));
  }
  expect_in("/canvas: an avatar could draw more than 100,000 elements",
            refusal(these(element("defs", {}, levels), element("use", {{"href", "#l0"}}))));
}

// librsvg draws one inside the other until the stack is full.
TEST(DrawingCost, LongChainsOfReferencesAreRefused) {
  ordered_json chain = these();
  for (int i = 0; i < 1000; ++i) {
    chain.push_back(element("use", {{"id", "l" + std::to_string(i)}, {"href", "#l" + std::to_string(i + 1)}}));
  }
  expect_in("/canvas: an avatar could nest elements deeper than 200 levels",
            refusal(these(element("defs", {}, chain))));
}

TEST(DrawingCost, WhatDrawsItselfIsRefused) {
  expect_in("the element with the id \"a\" draws itself",
            refusal(these(element("g", {{"id", "a"}}, these(element("use", {{"href", "#a"}}))))));
}

TEST(DrawingCost, WhatIsDrawnInEarnestStaysFarBelowTheLimits) {
  std::vector<std::filesystem::path> files = {testing::source_dir() / "configs/engines/tiktok/definition.json",
                                              testing::source_dir() / "configs/engines/alter/definition.json"};
  for (const auto& folder : style_folders({testing::source_dir()})) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
  }
  for (const auto& file : files) {
    const DrawingCost most = cost(parse_json(testing::read_file(file)));
    EXPECT_LT(most.elements, kMaxDrawnElements / 10) << file;
    EXPECT_LT(most.bytes, kMaxDrawnBytes / 10) << file;
    EXPECT_LT(most.depth, kMaxDrawnDepth / 10) << file;
  }
}

}  // namespace
}  // namespace swiftavatar
