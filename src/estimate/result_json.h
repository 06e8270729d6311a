#pragma once
// The result object of one face, schema swiftavatar.result/1 (docs/result.schema.json).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "swiftavatar/estimate.h"
#include "swiftavatar/face.h"
#include "swiftavatar/gan.h"

namespace swiftavatar {

inline constexpr char kResultSchema[] = "swiftavatar.result/1";
inline constexpr char kRunSchema[] = "swiftavatar.run/1";

/// What is the same for every photo of a run.
struct RunFacts {
  std::string version, device;  ///< of the program; device as models use it, e.g. "cpu"
  std::string bundle;
  std::map<std::string, std::string> files;  ///< role -> sha256 of the models that take part
  std::string engine, engine_sha256;
  nlohmann::ordered_json options;  ///< with `digest` as made by options_digest
};

/// SHA-256 of the options that decide the result: without device, jobs, batch size and paths.
std::string options_digest(const nlohmann::ordered_json& options);

/// The photo.
struct InputFacts {
  std::string path;                   ///< bytes as the system has them; "-" for standard input
  std::optional<std::string> sha256;  ///< empty when it could not be read
  int width = 0, height = 0;          ///< upright; 0 when it could not be decoded
};

/// One preview file, named relative to the JSON.
struct PreviewFacts {
  std::string path, sha256;
};

/// How the models ran on a GPU.
struct GpuFacts {
  int fused = 0;      ///< places in the models' graphs where fused operators replace plain ones
  bool tf32 = false;  ///< whether factors were rounded to TF32
};

/// What was found about one face.
struct FaceFacts {
  int index = 1, count = 1;  ///< index: 1 is the largest face
  Face face;
  Estimate estimate;
  Attributes attributes;
  nlohmann::ordered_json native;           ///< the avatar in the engine's own format; null where it has none
  std::map<std::string, double> measures;  ///< empty when the head is turned too far
  std::optional<Inversion> inversion;
  std::optional<GpuFacts> gpu;  ///< none on the CPU
  std::map<std::string, PreviewFacts> previews;
  std::vector<std::pair<std::string, double>> timing_ms;
  std::vector<std::string> warnings;
};

/// The object of a face that has an avatar, status "ok".
nlohmann::ordered_json result_json(const RunFacts& run, const InputFacts& input, const FaceFacts& face);

/// The object of a photo that failed; `error` must have an item code.
nlohmann::ordered_json error_json(const RunFacts& run, const InputFacts& input, const Error& error);

/// `attributes` of a result object, skin_tone as text again; values that are null are absent.
Attributes attributes_from_json(const nlohmann::json& result);

}  // namespace swiftavatar
