#include <gtest/gtest.h>

#include "estimate/helpers.h"
#include "swiftavatar/estimate.h"

namespace swiftavatar {
namespace {

using testing::contains;
using testing::failure_of;

ModelEntry estimator(const std::string& spec) {
  return {"estimator:tiny", "e.pt", "", "", nlohmann::json::parse(spec)};
}

TEST(ReadMeasureScales, ReadsQuantilesAndDirection) {
  const MeasureScales scales = read_measure_scales(estimator(
      R"({"measures": {"eye_size": {"quantiles": [1, 2.5]},
      "nose_width": {"quantiles": [1, 1, 3], "invert": true}}})"));
  ASSERT_EQ(scales.size(), 2u);
  EXPECT_EQ(scales.at("eye_size").quantiles, (std::vector<double>{1, 2.5}));
  EXPECT_FALSE(scales.at("eye_size").invert);
  EXPECT_TRUE(scales.at("nose_width").invert);
}

TEST(ReadMeasureScales, AnEstimatorNeedNotHaveAny) { EXPECT_TRUE(read_measure_scales(estimator("{}")).empty()); }

TEST(ReadMeasureScales, MalformedIsACorruptModelThatNamesTheMeasure) {
  const struct {
    const char *spec, *message;
  } cases[] = {
      {R"({"measures": []})", "measures is not an object"},
      {R"({"measures": {"eye_size": 3}})", "measures.eye_size"},
      {R"({"measures": {"eye_size": {}}})", "measures.eye_size"},
      {R"({"measures": {"eye_size": {"quantiles": "1 2 3"}}})", "measures.eye_size"},
      {R"({"measures": {"eye_size": {"quantiles": [1, null]}}})", "measures.eye_size"},
      {R"({"measures": {"eye_size": {"quantiles": [1, 2], "invert": "yes"}}})", "measures.eye_size"},
      {R"({"measures": {"eye_size": {"quantiles": [1]}}})", "at least two ascending"},
      {R"({"measures": {"eye_size": {"quantiles": [2, 1]}}})", "at least two ascending"},
  };
  for (const auto& [spec, message] : cases) {
    const Error error = failure_of([&] { read_measure_scales(estimator(spec)); });
    EXPECT_EQ(error.code, ErrorCode::model_corrupt) << spec;
    EXPECT_TRUE(contains(error.message, message)) << error.message;
    EXPECT_TRUE(contains(error.message, "models.estimator:tiny.")) << error.message;
  }
}

}  // namespace
}  // namespace swiftavatar
