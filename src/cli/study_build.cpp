// `study build`: photos and avatars into one page.

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include <spdlog/spdlog.h>

#include "base/base64.h"
#include "base/files.h"
#include "base/sha256.h"
#include "cli/html_page.h"
#include "cli/inputs.h"
#include "cli/option_values.h"
#include "cli/study.h"
#include "evaluate/preference.h"

namespace swiftavatar::cli {

namespace fs = std::filesystem;
using nlohmann::ordered_json;

namespace {

constexpr int kPhotoSize = 480, kAvatarSize = 360;  // pixels a side
constexpr size_t kLongestQuestion = 200;

struct Method {
  std::string name;
  fs::path folder;
};

std::vector<Method> read_methods(const std::vector<std::string>& given) {
  std::vector<Method> methods;
  for (const std::string& text : given) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals + 1 == text.size()) {
      throw Failure(ErrorCode::usage, text + ": write NAME=FOLDER, for example ours=out");
    }
    Method method{text.substr(0, equals), text.substr(equals + 1)};
    if (!is_study_name(method.name)) {
      throw Failure(ErrorCode::usage,
                    text + ": a method's name has 1 to 100 bytes of UTF-8 and no control characters.");
    }
    const bool known =
        std::any_of(methods.begin(), methods.end(), [&](const Method& m) { return m.name == method.name; });
    if (known)
      throw Failure(ErrorCode::usage,
                    text + ": the name " + method.name + " is given twice; give each method its own.");
    if (!is_folder(method.folder)) {
      throw Failure(ErrorCode::usage,
                    method.folder.string() + ": is not a folder; give the one with the method's avatars.");
    }
    methods.push_back(std::move(method));
  }
  if (methods.size() < kFewestMethods || methods.size() > kMostMethods) {
    throw Failure(ErrorCode::usage, "a study compares 2 to 9 methods; name each as NAME=FOLDER");
  }
  return methods;
}

/// A method's avatar of a photo: STEM.avatar.png as estimate writes it, or STEM.png of another program.
std::optional<fs::path> avatar_file(const Method& method, const fs::path& stem) {
  for (const char* suffix : {".avatar.png", ".png"}) {
    fs::path file = method.folder / stem;
    file += suffix;
    if (is_file(file)) return file;
  }
  return std::nullopt;
}

/// The pictures of one photo, or nothing and a warning that says what is missing.
std::optional<ordered_json> question(const Item& item, const std::vector<Method>& methods) {
  std::vector<fs::path> files;
  for (const Method& method : methods) {
    const auto file = avatar_file(method, item.stem);
    if (!file) {
      spdlog::warn("{}: left out, {} has no avatar of it", item.path, method.name);
      return std::nullopt;
    }
    files.push_back(*file);
  }
  const auto photo = read_picture(item.path);
  if (!photo.ok()) {
    spdlog::warn("{} The photo is left out.", photo.error().message);
    return std::nullopt;
  }
  ordered_json avatars = ordered_json::array();
  for (const fs::path& file : files) {
    const auto avatar = read_picture(file);
    if (!avatar.ok()) {
      spdlog::warn("{} The photo is left out.", avatar.error().message);
      return std::nullopt;
    }
    avatars.push_back(picture_uri(avatar.value(), kAvatarSize));
  }
  return ordered_json{
      {"name", item.stem.string()}, {"photo", picture_uri(photo.value(), kPhotoSize)}, {"avatars", std::move(avatars)}};
}

/// The items in an order of chance, the same everywhere for the same seed.
void shuffle(std::vector<Item>& items, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[random() % i]);
}

}  // namespace

int build_study(const StudyOptions& options) {
  const std::vector<Method> methods = read_methods(options.methods);
  if (options.question.empty() || options.question.size() > kLongestQuestion) {
    throw Failure(ErrorCode::usage, "--question: give 1 to 200 bytes of text");
  }
  check_output_file(options.common.output);
  if (!is_folder(options.photos)) {
    throw Failure(ErrorCode::usage,
                  "--photos " + options.photos.string() + ": is not a folder; give the one with the photos.");
  }
  InputOptions inputs;
  inputs.photos = {options.photos.string()};
  inputs.recursive = true;
  std::vector<Item> items = collect_items(inputs, "");
  shuffle(items, options.common.seed);

  ordered_json names = ordered_json::array(), questions = ordered_json::array();
  for (const Method& method : methods) names.push_back(base64(method.name));
  const size_t wanted = options.count == 0 ? kMostStudyPhotos : options.count;
  for (const Item& item : items) {
    if (questions.size() == wanted) break;
    if (auto asked = question(item, methods)) questions.push_back(std::move(*asked));
  }
  if (questions.empty()) {
    throw Failure(ErrorCode::usage, options.photos.string() +
                                        ": no photo in it has an avatar of every method; give the "
                                        "folders that estimate wrote to for these photos.");
  }
  if (questions.size() < options.count) spdlog::warn("only {} photos have an avatar of every method", questions.size());

  const size_t shown = questions.size();
  ordered_json data{{"seed", options.common.seed},
                    {"question", options.question},
                    {"methods", std::move(names)},
                    {"items", std::move(questions)}};
  const std::string id = sha256_hex(json_text(data, false)).substr(0, 16);
  data["id"] = id;
  const std::string page = make_page(kStudyPage, data);
  must_succeed(write_file(options.common.output, page));
  if (options.common.json) {
    print_result(json_text({{"page", options.common.output.string()},
                            {"bytes", page.size()},
                            {"id", id},
                            {"photos", shown},
                            {"methods", methods.size()}}));
  } else {
    print_result(options.common.output.string());
  }
  return 0;
}

}  // namespace swiftavatar::cli
