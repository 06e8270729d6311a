#include "image/decoder_service.h"

#include <algorithm>
#include <utility>

#include <opencv2/core.hpp>

#include "base/worker_service.h"
#include "image/codecs.h"

namespace swiftavatar {

namespace {

constexpr size_t kMostWarnings = 50;

/// What would be opened in the middle of an image.
void prepare() {
  cv::setNumThreads(1);  // several photos are decoded at the same time instead
  load_codecs();
}

DecodeLimits limits_of(const nlohmann::json& head) {
  DecodeLimits limits;
  head.at("max_bytes").get_to(limits.max_bytes);
  head.at("max_side").get_to(limits.max_side);
  head.at("max_pixels").get_to(limits.max_pixels);
  head.at("max_ratio").get_to(limits.max_ratio);
  return limits;
}

void answer(Result<DecodedImage> result, const Reply& reply) {
  if (!result.ok()) {
    reply({{"code", to_string(result.error().code)}, {"message", result.error().message}}, {});
    return;
  }
  DecodedImage& image = result.value();
  if (!image.rgb.isContinuous()) image.rgb = image.rgb.clone();
  image.warnings.resize(std::min(image.warnings.size(), kMostWarnings));
  reply({{"rows", image.rgb.rows},
         {"columns", image.rgb.cols},
         {"format", static_cast<int>(image.info.format)},
         {"width", image.info.width},
         {"height", image.info.height},
         {"orientation", image.info.orientation},
         {"warnings", image.warnings}},
        {image.rgb.data, image.rgb.total() * image.rgb.elemSize()});
}

}  // namespace

nlohmann::json to_json(const DecodeLimits& limits) {
  return {{"max_bytes", limits.max_bytes},
          {"max_side", limits.max_side},
          {"max_pixels", limits.max_pixels},
          {"max_ratio", limits.max_ratio}};
}

int decoder_main(int argc, char** argv, const DecodeFunction& decode) {
  return worker_main(argc, argv,
                     {"swiftavatar-decode", "reads photos", prepare,
                      [&decode](const nlohmann::json& head, std::vector<uint8_t> body, const Reply& reply) {
                        answer(decode(body, limits_of(head)), reply);
                      }});
}

}  // namespace swiftavatar
