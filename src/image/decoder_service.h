#pragma once
// swiftavatar-decode's end of the conversation in decoder_protocol.h.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "swiftavatar/image.h"

namespace swiftavatar {

using DecodeFunction = std::function<Result<DecodedImage>(std::span<const uint8_t>, const DecodeLimits&)>;

/// Loads the codecs, gives up what a decoder does not need (memory beyond `memory` bytes, files, core dumps), and
/// answers requests on descriptor 0 until the other end closes, which also ends it in the middle of an image. Returns
/// the process's exit status.
int serve_decoder(size_t memory, const DecodeFunction& decode);

/// The main function of a decoder: argv[1] is the memory.
int decoder_main(int argc, char** argv, const DecodeFunction& decode);

}  // namespace swiftavatar
