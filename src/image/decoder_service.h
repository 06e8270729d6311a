#pragma once
// swiftavatar-decode's end of the conversation. A request's head is {"max_bytes", "max_side", "max_pixels",
// "max_ratio"} and its body the image file; the answer's is {"rows", "columns", "format", "width", "height",
// "orientation", "warnings"} with rows x columns pixels of three bytes, or {"code", "message"} without a body.

#include <cstdint>
#include <functional>
#include <span>

#include <nlohmann/json.hpp>

#include "swiftavatar/image.h"

namespace swiftavatar {

nlohmann::json to_json(const DecodeLimits& limits);

using DecodeFunction = std::function<Result<DecodedImage>(std::span<const uint8_t>, const DecodeLimits&)>;

/// The main function of a decoder; see worker_main.
int decoder_main(int argc, char** argv, const DecodeFunction& decode);

}  // namespace swiftavatar
