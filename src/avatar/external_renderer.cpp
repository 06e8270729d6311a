#include "avatar/external_renderer.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "avatar/json_view.h"
#include "base/run_command.h"
#include "image/codecs.h"
#include "image/probe.h"
#include "swiftavatar/image.h"

namespace swiftavatar {
namespace {

[[noreturn]] void fail(const std::string& what) { throw Failure(ErrorCode::render_failed, "--render-command " + what); }

// Any PNG as 8-bit RGBA.
cv::Mat decode_png(const std::vector<uint8_t>& bytes) {
  DecodeLimits limits;
  limits.max_side = 8192;
  const auto probe = probe_bytes(bytes, limits);
  if (!probe.ok() || probe.value().problem || probe.value().info.format != ImageFormat::png) {
    fail(bytes.empty() ? "printed nothing, but a PNG has to stand on its stdout"
                       : "printed something that is no whole PNG of at most 8192 pixels a side");
  }
  const auto picture = read_picture(bytes, probe.value());
  if (!picture.ok()) fail("printed a damaged PNG");
  const cv::Mat& image = picture.value().pixels;
  cv::Mat rgba;
  switch (image.channels()) {
    case 1: cv::cvtColor(image, rgba, cv::COLOR_GRAY2RGBA); break;
    case 3: cv::cvtColor(image, rgba, cv::COLOR_RGB2RGBA); break;
    default: rgba = image;
  }
  return rgba;
}

// To `size` on the longer side. Colours are weighed by their alpha, so that clear pixels do not bleed into others.
cv::Mat scaled(const cv::Mat& rgba, int size) {
  const double factor = static_cast<double>(size) / std::max(rgba.cols, rgba.rows);
  const cv::Size wanted(std::max(1, cvRound(rgba.cols * factor)), std::max(1, cvRound(rgba.rows * factor)));
  if (wanted == rgba.size()) return rgba;
  cv::Mat premultiplied(rgba.size(), CV_32FC4), small, result(wanted, CV_8UC4);
  for (int y = 0; y < rgba.rows; ++y) {
    for (int x = 0; x < rgba.cols; ++x) {
      const cv::Vec4b& pixel = rgba.at<cv::Vec4b>(y, x);
      const float alpha = pixel[3] / 255.0F;
      premultiplied.at<cv::Vec4f>(y, x) = {pixel[0] * alpha, pixel[1] * alpha, pixel[2] * alpha,
                                           static_cast<float>(pixel[3])};
    }
  }
  cv::resize(premultiplied, small, wanted, 0, 0, factor < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  for (int y = 0; y < wanted.height; ++y) {
    for (int x = 0; x < wanted.width; ++x) {
      const cv::Vec4f& pixel = small.at<cv::Vec4f>(y, x);
      const float alpha = std::max(pixel[3] / 255.0F, 1e-6F);
      auto& out = result.at<cv::Vec4b>(y, x);
      for (int i = 0; i < 3; ++i) out[i] = cv::saturate_cast<uchar>(pixel[i] / alpha);
      out[3] = cv::saturate_cast<uchar>(pixel[3]);
    }
  }
  return result;
}

}  // namespace

Result<cv::Mat> ExternalRenderer::draw(const std::string& engine, const Avatar& avatar, int size) const {
  const nlohmann::ordered_json input{{"engine", engine}, {"avatar", to_json(avatar)}, {"size", size}};
  CommandLimits limits;
  limits.time = limit_;
  try {
    const CommandResult done =
        run_command(command_, input.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n',
                    limits)
            .value();
    const std::string said = done.last_error.empty() ? "" : ": " + done.last_error;
    switch (done.end) {
      case CommandResult::End::timed_out:
        fail("took longer than " + show_number(static_cast<double>(limit_.count()) / 1000) + " s and was stopped" +
             said);
      case CommandResult::End::too_much_output: fail("printed more than 64 MiB and was stopped" + said);
      case CommandResult::End::killed: fail("was ended by signal " + std::to_string(done.status) + said);
      case CommandResult::End::exited: break;
    }
    if (done.status != 0) fail("failed with exit status " + std::to_string(done.status) + said);
    try {
      return scaled(decode_png(done.output), size);
    } catch (const cv::Exception&) {
      fail("printed a damaged PNG");
    }
  } catch (const Failure& failure) {
    return Error{ErrorCode::render_failed, failure.error().message};
  }
}

}  // namespace swiftavatar
