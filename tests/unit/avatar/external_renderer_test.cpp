// A user's program draws avatars.

#include <gtest/gtest.h>

#include "avatar/engines.h"
#include "avatar/external_renderer.h"
#include "swiftavatar/image.h"
#include "temporary_folder.h"

namespace swiftavatar {
namespace {

class ExternalRendererTest : public ::testing::Test {
 protected:
  Result<cv::Mat> draw(const std::string& command, int size = 32, double seconds = 20) const {
    return ExternalRenderer(command, std::chrono::milliseconds(static_cast<int>(seconds * 1000)))
        .draw("tiny", testing::tiny().default_avatar(), size);
  }

  std::string failure(const std::string& command, double seconds = 20) const {
    const auto picture = draw(command, 32, seconds);
    EXPECT_FALSE(picture.ok());
    if (picture.ok()) return {};
    EXPECT_EQ(picture.error().code, ErrorCode::render_failed);
    return picture.error().message;
  }

  std::string png(const cv::Mat& image) {
    const auto bytes = encode_png(image);
    const auto file = folder_.path() / ("picture" + std::to_string(count_++) + ".png");
    testing::put_text(file, {bytes.begin(), bytes.end()});
    return file.string();
  }

  testing::TemporaryFolder folder_;
  int count_ = 0;
};

TEST_F(ExternalRendererTest, GivesTheAvatarAndTakesThePicture) {
  const cv::Mat blue(32, 16, CV_8UC4, cv::Scalar(10, 20, 200, 128));
  const auto input = folder_.path() / "input.json";
  const cv::Mat image = draw("cat > " + input.string() + "; cat " + png(blue)).value();
  EXPECT_EQ(image.size(), cv::Size(16, 32));
  EXPECT_EQ(testing::pixel(image, 3, 3), cv::Vec4i(10, 20, 200, 128));
  const auto given = nlohmann::json::parse(testing::get_text(input));
  EXPECT_EQ(given["engine"], "tiny");
  EXPECT_EQ(given["size"], 32);
  EXPECT_EQ(given["avatar"], to_json(testing::tiny().default_avatar()));
}

TEST_F(ExternalRendererTest, PicturesOfOtherSizesAreScaled) {
  cv::Mat half(64, 128, CV_8UC4, cv::Scalar(0, 0, 0, 0));
  half.colRange(0, 64).setTo(cv::Scalar(250, 0, 0, 255));
  const cv::Mat image = draw("cat " + png(half)).value();
  EXPECT_EQ(image.size(), cv::Size(32, 16));
  EXPECT_EQ(testing::pixel(image, 2, 2), cv::Vec4i(250, 0, 0, 255));
  EXPECT_EQ(testing::pixel(image, 30, 2)[3], 0);
  EXPECT_EQ(draw("cat " + png(cv::Mat(8, 8, CV_8UC1, cv::Scalar(77)))).value().size(), cv::Size(32, 32));
}

TEST_F(ExternalRendererTest, FailuresAreSentences) {
  EXPECT_EQ(failure("echo no licence >&2; exit 7"), "--render-command failed with exit status 7: no licence");
  EXPECT_EQ(failure("sleep 20", 0.2), "--render-command took longer than 0.2 s and was stopped");
  EXPECT_NE(failure("true").find("printed nothing"), std::string::npos);
  EXPECT_NE(failure("echo hello").find("PNG"), std::string::npos);
  EXPECT_NE(failure("kill -9 $$").find("signal 9"), std::string::npos);
  EXPECT_NE(failure("head -c 200 " + png(cv::Mat(99, 99, CV_8UC3, cv::Scalar(1, 2, 3)))).find("PNG"),
            std::string::npos);
}

TEST_F(ExternalRendererTest, NoBombs) {
  EXPECT_NE(failure("yes").find("64 MiB"), std::string::npos);
  EXPECT_NE(failure("cat " + png(cv::Mat(1, 9000, CV_8UC1, cv::Scalar(0)))).find("8192"), std::string::npos);
}

}  // namespace
}  // namespace swiftavatar
