#include "swiftavatar/result.h"

namespace swiftavatar {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_an_image: return "not_an_image";
    case ErrorCode::truncated: return "truncated";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::unsupported_format: return "unsupported_format";
    case ErrorCode::no_face: return "no_face";
    case ErrorCode::several_faces: return "several_faces";
    case ErrorCode::non_finite: return "non_finite";
    case ErrorCode::out_of_memory: return "out_of_memory";
    case ErrorCode::io_error: return "io_error";
    case ErrorCode::crashed: return "crashed";
    case ErrorCode::timeout: return "timeout";
    case ErrorCode::render_failed: return "render_failed";
    case ErrorCode::usage: return "usage";
    case ErrorCode::model_missing: return "model_missing";
    case ErrorCode::model_corrupt: return "model_corrupt";
    case ErrorCode::engine_unknown: return "engine_unknown";
    case ErrorCode::engine_invalid: return "engine_invalid";
    case ErrorCode::no_device: return "no_device";
    case ErrorCode::device_failed: return "device_failed";
    case ErrorCode::output_unwritable: return "output_unwritable";
    case ErrorCode::disk_full: return "disk_full";
    case ErrorCode::internal: return "internal";
    case ErrorCode::interrupted: return "interrupted";
  }
  return "internal";
}

int exit_status(ErrorCode code) {
  switch (code) {
    case ErrorCode::usage: return 2;
    case ErrorCode::model_missing:
    case ErrorCode::model_corrupt:
    case ErrorCode::engine_unknown:
    case ErrorCode::engine_invalid: return 3;
    case ErrorCode::no_device:
    case ErrorCode::device_failed: return 4;
    case ErrorCode::output_unwritable:
    case ErrorCode::disk_full: return 5;
    case ErrorCode::internal: return 70;
    case ErrorCode::interrupted: return 130;
    default: return 1;
  }
}

}  // namespace swiftavatar
