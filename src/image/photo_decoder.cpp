#include <optional>
#include <utility>

#include "base/program_files.h"
#include "base/workers.h"
#include "image/decode.h"
#include "image/decoder_service.h"
#include "swiftavatar/image.h"

namespace swiftavatar {

namespace {

constexpr const char* kPurpose = "reads photos";

DecoderOptions with_program(DecoderOptions options) {
  if (options.program.empty()) options.program = helper_program("swiftavatar-decode", kPurpose);
  return options;
}

std::optional<ErrorCode> item_code(const std::string& name) {
  for (int i = 0; exit_status(static_cast<ErrorCode>(i)) == 1; ++i) {
    if (to_string(static_cast<ErrorCode>(i)) == name) return static_cast<ErrorCode>(i);
  }
  return std::nullopt;
}

/// An error, or the image without its pixels.
Result<DecodedImage> read_answer(const nlohmann::json& head, const DecodeLimits& limits) {
  if (head.contains("code")) {
    const auto code = item_code(head["code"].get<std::string>());
    if (!code) throw BadAnswer{};
    return Error{*code, head.at("message").get<std::string>()};
  }
  const auto number = [&](const char* name, int64_t least, int64_t most) {
    const auto value = head.at(name).get<int64_t>();
    if (value < least || value > most) throw BadAnswer{};
    return static_cast<int>(value);
  };
  DecodedImage image;
  image.info.format = static_cast<ImageFormat>(number("format", 0, static_cast<int>(ImageFormat::heif)));
  image.info.width = number("width", 1, limits.max_side);
  image.info.height = number("height", 1, limits.max_side);
  image.info.orientation = number("orientation", 1, 8);
  image.warnings = head.at("warnings").get<std::vector<std::string>>();
  const int rows = number("rows", 1, limits.max_side), columns = number("columns", 1, limits.max_side);
  if (int64_t{rows} * columns > limits.max_pixels) throw BadAnswer{};
  image.rgb.create(rows, columns, CV_8UC3);
  return image;
}

}  // namespace

PhotoDecoder::PhotoDecoder(DecoderOptions options)
    : options_(with_program(std::move(options))),
      workers_(std::make_unique<Workers>(WorkerOptions{options_.program, kPurpose, options_.memory, {}})) {}

PhotoDecoder::~PhotoDecoder() = default;

Result<DecodedImage> PhotoDecoder::decode(std::span<const uint8_t> bytes, const std::string& name) const {
  if (bytes.size() > options_.limits.max_bytes) return decode_image(bytes, name, options_.limits);  // refuses it unseen
  std::optional<Result<DecodedImage>> result;
  const auto take = [&](const nlohmann::json& head, uint64_t) -> std::span<uint8_t> {
    result = read_answer(head, options_.limits);
    if (!result->ok()) return {};
    cv::Mat& rgb = result->value().rgb;
    return {rgb.data, rgb.total() * rgb.elemSize()};
  };
  const auto fault = workers_->ask(to_json(options_.limits), bytes, options_.time, take);
  if (fault && fault->stalled) {
    result = Error{ErrorCode::timeout, "was not decoded within " + seconds_text(options_.time) +
                                           "; give a smaller picture or another copy of the photo."};
  } else if (fault) {
    result =
        Error{ErrorCode::crashed, "made the decoder crash (" + fault->ending + "); give another copy of the photo."};
  }
  return under_name(std::move(*result), name);
}

std::string PhotoDecoder::sandbox() const { return workers_->sandbox(); }

}  // namespace swiftavatar
