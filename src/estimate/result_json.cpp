#include "estimate/result_json.h"

#include <cmath>

#include "base/base64.h"
#include "base/sha256.h"
#include "base/text.h"

namespace swiftavatar {
namespace {

using nlohmann::ordered_json;

/// Rounded to `digits` decimals; more would be noise where people compare files.
double rounded(double value, int digits) {
  const double scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

ordered_json numbers(const std::map<std::string, double>& values, int digits) {
  ordered_json json = ordered_json::object();
  for (const auto& [name, value] : values) json[name] = rounded(value, digits);
  return json;
}

/// The part that successes and failures share.
ordered_json header(const RunFacts& run, const InputFacts& input, const std::string& status) {
  ordered_json json;
  json["schema"] = kResultSchema;
  json["status"] = status;
  json["tool"] = {{"version", run.version}, {"device", run.device}};
  json["models"] = {{"bundle", run.bundle}, {"files", run.files}};
  json["options"] = run.options;
  ordered_json& entry = json["input"];
  if (is_utf8(input.path)) {
    entry["path"] = input.path;
  } else {
    // The text is for people (bytes that are not UTF-8 become U+FFFD), the bytes are for programs.
    entry["path"] = nlohmann::json::parse(
        nlohmann::json(input.path).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    entry["path_bytes"] = base64(input.path);
  }
  entry["sha256"] = input.sha256 ? ordered_json(*input.sha256) : ordered_json();
  entry["width"] = input.width > 0 ? ordered_json(input.width) : ordered_json();
  entry["height"] = input.height > 0 ? ordered_json(input.height) : ordered_json();
  return json;
}

ordered_json face_json(const FaceFacts& facts) {
  const cv::Rect2f& box = facts.face.box;
  ordered_json landmarks = ordered_json::array();
  for (const cv::Point2f& point : facts.face.five()) landmarks.push_back({rounded(point.x, 2), rounded(point.y, 2)});
  return {{"index", facts.index},
          {"count", facts.count},
          {"score", rounded(facts.face.score, 4)},
          {"box", {rounded(box.x, 2), rounded(box.y, 2), rounded(box.width, 2), rounded(box.height, 2)}},
          {"landmarks", landmarks},
          {"yaw", rounded(facts.face.yaw, 1)}};
}

ordered_json attributes_json(const Attributes& attributes) {
  ordered_json json;
  for (const auto& [name, unused] : attribute_values()) {
    const auto value = attributes.find(name);
    if (value == attributes.end()) {
      json[name] = nullptr;
    } else if (name == "skin_tone") {
      json[name] = std::stoi(value->second);
    } else {
      json[name] = value->second;
    }
  }
  return json;
}

}  // namespace

std::string options_digest(const ordered_json& options) {
  const nlohmann::json sorted = options;  // sorted keys: their order does not matter
  return sha256_hex(sorted.dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
}

ordered_json result_json(const RunFacts& run, const InputFacts& input, const FaceFacts& facts) {
  ordered_json json = header(run, input, "ok");
  if (facts.gpu) {
    json["tool"]["fused"] = facts.gpu->fused;
    json["tool"]["tf32"] = facts.gpu->tf32;
  }
  json["face"] = face_json(facts);
  json["engine"] = {{"name", run.engine}, {"sha256", run.engine_sha256}};
  json["avatar"] = ordered_json(to_json(facts.estimate.avatar));
  json["confidence"] = {{"discrete", numbers(facts.estimate.discrete, 4)},
                        {"continuous", numbers(facts.estimate.continuous, 4)},
                        {"colors", numbers(facts.estimate.colors, 4)}};
  json["attributes"] = attributes_json(facts.attributes);
  json["measures"] = numbers(facts.measures, 5);
  json["native"] = facts.native;
  if (facts.inversion) {
    json["inversion"] = {{"method", name_of(kInversionMethods, facts.inversion->method)},
                         {"steps", facts.inversion->steps},
                         {"loss", rounded(facts.inversion->loss, 5)}};
  } else {
    json["inversion"] = {{"method", "none"}, {"steps", 0}, {"loss", nullptr}};
  }
  json["previews"] = ordered_json::object();
  for (const auto& [name, preview] : facts.previews) {
    json["previews"][name] = {{"path", preview.path}, {"sha256", preview.sha256}};
  }
  json["timing_ms"] = ordered_json::object();
  for (const auto& [stage, milliseconds] : facts.timing_ms) json["timing_ms"][stage] = rounded(milliseconds, 1);
  json["warnings"] = facts.warnings;
  return json;
}

ordered_json error_json(const RunFacts& run, const InputFacts& input, const Error& error) {
  const std::string code(to_string(error.code));
  ordered_json json = header(run, input, code);
  json["error"] = {{"code", code}, {"message", error.message}};
  return json;
}

Attributes attributes_from_json(const nlohmann::json& result) {
  Attributes attributes;
  const auto found = result.find("attributes");
  if (found == result.end() || !found->is_object()) return attributes;
  for (const auto& [name, value] : found->items()) {
    if (value.is_string()) attributes[name] = value.get<std::string>();
    if (value.is_number_integer()) attributes[name] = std::to_string(value.get<int64_t>());
  }
  return attributes;
}

}  // namespace swiftavatar
