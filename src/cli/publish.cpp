#include "cli/publish.h"

#include <utility>

#include <spdlog/spdlog.h>

#include "base/files.h"
#include "base/sha256.h"
#include "cli/common.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr size_t kLargestJson = 16 << 20, kLargestPicture = 64 << 20;

/// A result object of ours, or nothing.
std::optional<ordered_json> read_result(const fs::path& file) {
  if (!is_file(file)) return std::nullopt;
  const auto bytes = read_file(file, kLargestJson);
  if (!bytes.ok()) return std::nullopt;
  ordered_json json = ordered_json::parse(bytes.value(), nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || json.value("schema", ordered_json()) != kResultSchema) return std::nullopt;
  return json;
}

void remove_file(const fs::path& file) {
  if (!is_file(file)) return;
  std::error_code error;
  fs::remove(file, error);
  if (error) spdlog::warn("{}: cannot be removed ({}); it belongs to an earlier run", file.string(), error.message());
}

/// Removes a face's JSON, then the pictures it names. Only files with our own names in its own folder are touched.
bool remove_face(const OutputNames& names, int face) {
  const auto json = read_result(names.json(face));
  if (!json) return false;
  remove_file(names.json(face));
  for (const char* preview : {"avatar", "face", "domain", "sheet"}) remove_file(names.picture(preview, face));
  return true;
}

/// The value at a path of keys, or null.
ordered_json at(const ordered_json& json, std::initializer_list<const char*> keys) {
  const ordered_json* value = &json;
  for (const char* key : keys) {
    if (!value->is_object() || !value->contains(key)) return nullptr;
    value = &(*value)[key];
  }
  return *value;
}

/// Whether the pictures that a result names are the ones that were written with it.
bool pictures_hold(const ordered_json& result, const OutputNames& names, int face) {
  const auto previews = result.find("previews");
  if (previews == result.end() || !previews->is_object()) return false;
  for (const auto& [name, preview] : previews->items()) {
    const fs::path file = names.picture(name, face);
    // As the JSON spells it: it cannot hold a name that is no UTF-8.
    const ordered_json spelling = ordered_json::parse(json_text(file.filename().string()));
    if (at(preview, {"path"}) != spelling) return false;
    const auto bytes = read_file(file, kLargestPicture);
    if (!bytes.ok() || at(preview, {"sha256"}) != sha256_hex(bytes.value())) return false;
  }
  return true;
}

/// The error's object, and its file where the photo's name allows one. What an earlier run wrote goes.
std::vector<ordered_json> publish_error(const InputFacts& input, const Error& error, const RunFacts& run,
                                        const OutputNames& names, FileSystem& system) {
  ordered_json result = error_json(run, input, error);
  if (!names.exist()) return {result};
  const auto unwritten = write_item_file(names.root(), names.error(), json_text(result) + "\n", system);
  if (unwritten && !is_item_error(unwritten->code)) throw Failure(*unwritten);
  if (!unwritten) must_succeed(sync_folder(names.error().parent_path(), system));
  withdraw_avatars(names);
  return {result};
}

/// The pictures that are not written yet. Returns the error of the first that cannot be, if any.
std::optional<Error> write_pictures(FaceOutcome& face, const OutputNames& names, int number, FileSystem& system) {
  for (const auto& [name, png] : std::exchange(face.pictures, {})) {
    const fs::path file = names.picture(name, number);
    if (auto error = write_item_file(names.root(), file, png, system)) return error;
    face.facts.previews[name] = {file.filename().string(), sha256_hex(png)};
  }
  return std::nullopt;
}

/// Pictures of all faces, then their JSON. Returns an item error, if any; then some pictures may be there.
std::optional<Error> write_faces(PhotoOutcome& outcome, const RunFacts& run, const OutputNames& names, bool all_faces,
                                 FileSystem& system, std::vector<ordered_json>& results) {
  const auto number = [all_faces](const FaceOutcome& face) { return all_faces ? face.facts.index : 0; };
  for (FaceOutcome& face : outcome.faces) {
    if (auto error = write_pictures(face, names, number(face), system)) return error;
  }
  const fs::path folder = names.error().parent_path();
  // Before the marks that they are there.
  if (auto error = sync_folder(folder, system)) return error;
  for (const FaceOutcome& face : outcome.faces) {
    results.push_back(result_json(run, outcome.input, face.facts));
    if (auto error = write_item_file(names.root(), names.json(number(face)), json_text(results.back()) + "\n", system))
      return error;
  }
  return sync_folder(folder, system);
}

}  // namespace

void withdraw_avatars(const OutputNames& names) {
  remove_face(names, 0);
  for (int face = 1; remove_face(names, face); ++face) {
  }
}

void withdraw_error(const OutputNames& names) { remove_file(names.error()); }

void publish_pictures(FaceOutcome& face, const OutputNames& names, int number, FileSystem& system) {
  must_succeed(write_pictures(face, names, number, system));
}

std::vector<ordered_json> publish(PhotoOutcome outcome, const RunFacts& run, const OutputNames& names, bool all_faces,
                                  FileSystem& system) {
  std::vector<ordered_json> results;
  std::optional<Error> error = std::move(outcome.error);
  if (!error) error = write_faces(outcome, run, names, all_faces, system, results);
  if (error) {
    if (!is_item_error(error->code)) throw Failure(*error);
    results = publish_error(outcome.input, *error, run, names, system);
    for (const FaceOutcome& face : outcome.faces) {  // published before the error arose
      for (const auto& [name, unused] : face.facts.previews) {
        remove_file(names.picture(name, all_faces ? face.facts.index : 0));
      }
    }
    return results;
  }
  if (all_faces) {
    for (int face = static_cast<int>(outcome.faces.size()) + 1; remove_face(names, face); ++face) {
    }
  }
  withdraw_error(names);
  return results;
}

std::optional<std::vector<ordered_json>> finished(const std::string& input_sha256, const RunFacts& run,
                                                  const OutputNames& names, bool all_faces) {
  std::vector<ordered_json> results;
  int64_t count = 1;
  for (int face = 1; face <= count; ++face) {
    const int number = all_faces ? face : 0;
    auto result = read_result(names.json(number));
    if (!result || at(*result, {"status"}) != "ok" || at(*result, {"input", "sha256"}) != input_sha256 ||
        at(*result, {"models", "files"}) != ordered_json(run.files) ||
        at(*result, {"engine", "sha256"}) != run.engine_sha256 ||
        at(*result, {"options", "digest"}) != at(run.options, {"digest"}) || !pictures_hold(*result, names, number)) {
      return std::nullopt;
    }
    if (all_faces) {
      const ordered_json faces = at(*result, {"face", "count"});
      if (!faces.is_number_integer() || at(*result, {"face", "index"}) != face) return std::nullopt;
      count = faces.get<int64_t>();
    }
    results.push_back(std::move(*result));
  }
  return results;
}

}  // namespace swiftavatar::cli
