#include "evaluate/evaluation.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "estimate/helpers.h"

namespace swiftavatar {
namespace {

using testing::contains;

std::vector<LabelledPhoto> labels(const std::string& text) { return read_labels(text, "labels.csv").value(); }

TEST(ReadLabels, ReadsAttributesAndIgnoresOtherColumns) {
  const auto photos = labels("file,age,glasses,skin_tone\na.jpg,31,none,5\nb.jpg,40,sunglasses,\n");
  ASSERT_EQ(photos.size(), 2u);
  EXPECT_EQ(photos[0].file, "a.jpg");
  EXPECT_EQ(photos[0].labels, (Attributes{{"glasses", "none"}, {"skin_tone", "5"}}));
  EXPECT_EQ(photos[1].labels, (Attributes{{"glasses", "sunglasses"}, {"skin_tone", ""}}));
}

TEST(ReadLabels, TheFileColumnMayStandAnywhere) {
  const auto photos = labels("glasses,file\nnone,a.jpg\n");
  ASSERT_EQ(photos.size(), 1u);
  EXPECT_EQ(photos[0].file, "a.jpg");
}

TEST(ReadLabels, QuotesMayHoldCommasQuotesAndLineEnds) {
  const auto photos = labels("file,glasses\n\"a, \"\"b\"\"\n.jpg\",\"none\"\nc \"d\".jpg,none\n");
  ASSERT_EQ(photos.size(), 2u);
  EXPECT_EQ(photos[0].file, "a, \"b\"\n.jpg");
  EXPECT_EQ(photos[0].labels.at("glasses"), "none");
  EXPECT_EQ(photos[1].file, "c \"d\".jpg");
}

TEST(ReadLabels, SpreadsheetsOfWindowsAreRead) {
  const auto photos = labels(
      "\xEF\xBB\xBF"
      "file,glasses\r\na.jpg,none\r\n\r\nb.jpg,sunglasses");
  ASSERT_EQ(photos.size(), 2u);
  EXPECT_EQ(photos[0].labels.at("glasses"), "none");
  EXPECT_EQ(photos[1].labels.at("glasses"), "sunglasses");
}

TEST(ReadLabels, ARecordMayLackItsLastFields) {
  const auto photos = labels("file,glasses,fringe\na.jpg,none\n");
  ASSERT_EQ(photos.size(), 1u);
  EXPECT_EQ(photos[0].labels, (Attributes{{"glasses", "none"}}));
}

TEST(ReadLabels, WhatIsNoTableOfLabelsIsRefused) {
  const struct {
    const char *text, *message;
  } cases[] = {
      {"", "must name a column \"file\""},
      {"photo,glasses\na.jpg,none\n", "must name a column \"file\""},
      {"file,age\na.jpg,31\n", "must name a column \"file\" and attributes"},
      {"file;glasses\na.jpg;none\n", "must name a column \"file\""},
      {"file,glasses\na.jpg,none\n,none\n", "record 2 names no file"},
      {"glasses,file\nnone\n", "record 1 names no file"},
  };
  for (const auto& [text, message] : cases) {
    const auto result = read_labels(text, "labels.csv");
    ASSERT_FALSE(result.ok()) << text;
    EXPECT_EQ(result.error().code, ErrorCode::usage);
    EXPECT_TRUE(contains(result.error().message, "labels.csv: ")) << result.error().message;
    EXPECT_TRUE(contains(result.error().message, message)) << result.error().message;
  }
}

const Metric& metric(const Evaluation& evaluation, const std::string& name) {
  for (const Metric& entry : evaluation.metrics) {
    if (entry.name == name) return entry;
  }
  throw std::out_of_range(name);
}

/// One photo for each pair of label and what its avatar shows; an avatar that shows "" is missing.
Evaluation compare(const std::string& attribute, const std::vector<std::pair<std::string, std::string>>& pairs) {
  std::vector<LabelledPhoto> photos;
  std::map<std::string, Attributes> shown;
  for (const auto& [label, value] : pairs) {
    const std::string file = std::to_string(photos.size()) + ".jpg";
    photos.push_back({file, {{attribute, label}}, {}});
    if (!value.empty()) shown[file] = {{attribute, value}};
  }
  return evaluate(photos, shown).value();
}

TEST(Evaluate, BalancedAccuracyIsTheMeanOverClasses) {
  const Evaluation evaluation = compare("glasses", {{"none", "none"},
                                                    {"none", "none"},
                                                    {"none", "none"},
                                                    {"none", "eyeglasses"},
                                                    {"eyeglasses", "none"},
                                                    {"sunglasses", "eyeglasses"}});
  const Metric& glasses = metric(evaluation, "glasses");
  EXPECT_EQ(glasses.kind, "balanced accuracy");
  EXPECT_EQ(glasses.n, 6);
  EXPECT_DOUBLE_EQ(glasses.value.value(), (3.0 / 4 + 1.0 / 2) / 2);  // any glasses are glasses
  ASSERT_EQ(glasses.classes.size(), 2u);
  EXPECT_EQ(glasses.classes[1].name, "eyeglasses|sunglasses");
  EXPECT_EQ(glasses.classes[1].n, 2);
  EXPECT_EQ(glasses.classes[1].right, 1);
}

TEST(Evaluate, AClassThatNobodyHasDoesNotCount) {
  const Evaluation evaluation = compare("glasses", {{"none", "none"}, {"none", "sunglasses"}});
  EXPECT_DOUBLE_EQ(metric(evaluation, "glasses").value.value(), 0.5);
}

TEST(Evaluate, AccuracyCountsPhotos) {
  const Evaluation evaluation =
      compare("hair_texture",
              {{"straight", "straight"}, {"straight", "straight"}, {"straight", "straight"}, {"curly", "wavy"}});
  EXPECT_EQ(metric(evaluation, "hair_texture").kind, "accuracy");
  EXPECT_DOUBLE_EQ(metric(evaluation, "hair_texture").value.value(), 0.75);
}

TEST(Evaluate, LabelsThatCannotBeComparedAreLeftOut) {
  for (const auto& [attribute, label] : std::vector<std::pair<std::string, std::string>>{{"hair_color", "na"},
                                                                                         {"hair_color", "other"},
                                                                                         {"hair_length", "hidden"},
                                                                                         {"headwear", "other"},
                                                                                         {"mouth", "unseen"},
                                                                                         {"earrings", ""},
                                                                                         {"skin_tone", "11"},
                                                                                         {"skin_tone", "0"},
                                                                                         {"skin_tone", "5?"}}) {
    const Evaluation evaluation = compare(attribute, {{label, label}});
    EXPECT_EQ(metric(evaluation, attribute).n, 0) << attribute << " " << label;
    EXPECT_FALSE(metric(evaluation, attribute).value.has_value()) << attribute << " " << label;
  }
}

TEST(Evaluate, AMissingAvatarIsWrong) {
  const Evaluation evaluation = compare("hair_texture", {{"curly", "curly"}, {"curly", ""}});
  EXPECT_EQ(metric(evaluation, "hair_texture").n, 2);
  EXPECT_DOUBLE_EQ(metric(evaluation, "hair_texture").value.value(), 0.5);
  EXPECT_EQ(evaluation.photos, 2);
  EXPECT_EQ(evaluation.avatars, 1);
}

TEST(Evaluate, AnAttributeThatTheAvatarDoesNotShowIsWrong) {
  const Evaluation evaluation =
      evaluate({{"a.jpg", {{"earrings", "no"}}, {}}}, {{"a.jpg", {{"glasses", "none"}}}}).value();
  EXPECT_EQ(metric(evaluation, "earrings").n, 1);
  EXPECT_DOUBLE_EQ(metric(evaluation, "earrings").value.value(), 0);
  EXPECT_DOUBLE_EQ(metric(compare("hair_length", {{"short", "hidden"}}), "hair_length").value.value(), 0);
}

TEST(Evaluate, AvatarsOfPhotosWithoutLabelsDoNotCount) {
  const Evaluation evaluation =
      evaluate({{"a.jpg", {{"mouth", "closed"}}, {}}}, {{"a.jpg", {{"mouth", "closed"}}}, {"b.jpg", {}}}).value();
  EXPECT_EQ(evaluation.avatars, 1);
  EXPECT_EQ(evaluation.photos, 1);
}

TEST(Evaluate, SkinTonesMayBeOneStepOff) {
  const Evaluation evaluation =
      compare("skin_tone", {{"2", "1"}, {"2", "4"}, {"4", "5"}, {"5", "4"}, {"5", "7"}, {"10", "9"}, {"10", ""}});
  const Metric& all = metric(evaluation, "skin_tone");
  EXPECT_EQ(all.kind, "within one step");
  EXPECT_EQ(all.n, 7);
  EXPECT_DOUBLE_EQ(all.value.value(), 4.0 / 7);
  EXPECT_EQ(all.classes.size(), 10u);
  const Metric& dark = metric(evaluation, "skin_tone 5 to 10");
  EXPECT_EQ(dark.n, 4);
  EXPECT_DOUBLE_EQ(dark.value.value(), 2.0 / 4);
  ASSERT_EQ(dark.classes.size(), 6u);
  EXPECT_EQ(dark.classes[0].name, "5");
  EXPECT_EQ(dark.classes[0].n, 2);
  EXPECT_EQ(dark.classes[0].right, 1);
}

TEST(Evaluate, AnyHeadwearIsHeadwear) {
  EXPECT_DOUBLE_EQ(metric(compare("headwear", {{"turban", "hat"}}), "headwear").value.value(), 1);
  EXPECT_DOUBLE_EQ(metric(compare("headwear", {{"turban", "none"}}), "headwear").value.value(), 0);
}

TEST(Evaluate, EveryAttributeIsCompared) {
  const Evaluation evaluation = evaluate({}, {}).value();
  for (const auto& [attribute, unused] : attribute_values())
    EXPECT_NO_THROW(metric(evaluation, attribute)) << attribute;
}

TEST(Evaluate, ConfusionsAreCountedByLabel) {
  const Evaluation evaluation =
      compare("hair_texture", {{"curly", "wavy"}, {"curly", "curly"}, {"straight", "na"}, {"straight", ""}});
  const Metric& texture = metric(evaluation, "hair_texture");
  EXPECT_EQ(texture.columns, (std::vector<std::string>{"straight", "wavy", "curly", "another", "nothing"}));
  EXPECT_EQ(texture.classes[0].shown, (std::vector<int>{0, 0, 0, 1, 1}));
  EXPECT_EQ(texture.classes[2].shown, (std::vector<int>{0, 1, 1, 0, 0}));
  EXPECT_EQ(metric(compare("skin_tone", {{"5", "9"}}), "skin_tone 5 to 10").classes[0].shown[8], 1);
}

TEST(Evaluate, GroupsAreComparedApart) {
  const auto photos =
      read_labels("file,skin_tone,mouth,source\na,2,teeth,x\nb,4,teeth,y\nc,10,closed,y\nd,,closed,\n", "t", "source")
          .value();
  const std::map<std::string, Attributes> shown{
      {"a", {{"mouth", "teeth"}}}, {"b", {{"mouth", "teeth"}}}, {"c", {{"mouth", "teeth"}}}};
  const auto summary = [](const Evaluation& evaluation) {
    std::string text = evaluation.by + ":";
    for (const auto& group : evaluation.groups) {
      const auto mouth =
          std::find_if(group.metrics.begin(), group.metrics.end(), [](const Metric& m) { return m.name == "mouth"; });
      text += " " + group.name + " " + std::to_string(group.photos) + " " +
              std::to_string(mouth->value.value()).substr(0, 3);
    }
    return text;
  };
  EXPECT_EQ(summary(evaluate(photos, shown).value()), "skin tone: 1 to 3 1 1.0 4 to 5 1 1.0 6 to 10 1 0.0");
  EXPECT_EQ(summary(evaluate(photos, shown, "source").value()), "source: x 1 1.0 y 2 0.5");
}

TEST(Evaluate, TooManyGroupsAreRefused) {
  std::string text = "file,mouth\n";
  for (int i = 0; i < 50; ++i) text += std::to_string(i) + ",teeth\n";
  const auto result = evaluate(read_labels(text, "t", "file").value(), {}, "file");
  ASSERT_FALSE(result.ok());
  EXPECT_TRUE(contains(result.error().message, "\"file\" has 50 different values")) << result.error().message;
  EXPECT_FALSE(read_labels(text, "t", "age").ok());
}

TEST(EvaluationText, NamesFromTheTableCannotBreakIt) {
  const auto photos = read_labels("file,mouth,source\na,teeth,<b>x|y\n", "t", "source").value();
  const std::string table = to_markdown(evaluate(photos, {}, "source").value());
  EXPECT_TRUE(contains(table, "| by source | &lt;b>x\\|y |")) << table;
}

TEST(EvaluationText, ConfusionsShowWhatOccurs) {
  const std::string text = to_text(compare("hair_texture", {{"curly", "curly"}, {"wavy", "curly"}}));
  EXPECT_TRUE(contains(text, "hair_texture  wavy  curly\nwavy          0     1\ncurly         0     1\n")) << text;
}

TEST(EvaluationText, NumbersHaveThreeDecimalsAndNoneIsADash) {
  const Evaluation evaluation = compare("hair_texture", {{"curly", "curly"}, {"curly", "wavy"}, {"wavy", ""}});
  const std::string text = to_text(evaluation), table = to_markdown(evaluation);
  EXPECT_TRUE(contains(text, "2 of 3 photos have an avatar.\n")) << text;
  EXPECT_TRUE(contains(text, "hair_texture       0.333      accuracy           3\n")) << text;
  EXPECT_TRUE(contains(text, "mouth              -          accuracy           0\n")) << text;
  EXPECT_TRUE(contains(table, "| hair_texture | 0.333 | accuracy | 3 |\n")) << table;
  EXPECT_TRUE(contains(table, "\n\nAvatars: 2 of 3 photos.\n")) << table;
}

TEST(EvaluationJson, HoldsClassesAndNullForNothingToCompare) {
  const auto json = to_json(compare("hair_texture", {{"curly", "curly"}, {"wavy", "curly"}}));
  EXPECT_EQ(json["schema"], "swiftavatar.evaluation/1");
  EXPECT_EQ(json["photos"], 2);
  for (const auto& entry : json["metrics"]) {
    if (entry["name"] == "mouth") {
      EXPECT_TRUE(entry["value"].is_null());
    }
    if (entry["name"] != "hair_texture") continue;
    EXPECT_EQ(entry["value"], 0.5);
    EXPECT_EQ(entry["classes"][2].dump(), R"({"label":"curly","n":1,"right":1,"shown":{"curly":1}})");
  }
}

}  // namespace
}  // namespace swiftavatar
