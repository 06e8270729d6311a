#include "draft/semantics.h"

#include <gtest/gtest.h>

namespace swiftavatar {
namespace {

TEST(DraftSemantics, TheDrawingAloneDraftsATinyEngine) {
  const Engine engine = Engine::open(SWIFTAVATAR_SOURCE_DIR "/tests/data/engines/tiny/definition.json", "tiny").value();
  const auto draft = draft_semantics(engine, {});
  const Semantics semantics = Semantics::parse(draft.dump(), engine).value();
  EXPECT_TRUE(uncovered_attributes(semantics).empty());
  EXPECT_EQ(semantics.components().at("hair").at("none").at("hair_length").front(), "bald");
  EXPECT_EQ(semantics.components().at("hat").at("cap").at("headwear").front(), "hat");
}

}  // namespace
}  // namespace swiftavatar
