#pragma once
// Verb `study`: people's choice among the avatars of several methods: the page that asks, the table of the answers.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/common.h"

namespace swiftavatar::cli {

constexpr size_t kMostStudyPhotos = 500;

struct StudyOptions {
  CommonOptions common;
  std::string action;                ///< build or score
  std::filesystem::path photos;      ///< build: the folder of the photos, with all below it
  std::vector<std::string> methods;  ///< build: NAME=FOLDER
  size_t count = 0;                  ///< build: photos to show; 0 is all
  std::string question = "Which avatar is most like the person?";
  std::vector<std::filesystem::path> answers;  ///< score: files that the page saved
  std::string format = "text";                 ///< score: text, json or markdown
};

Verb setup_study(CLI::App& app);
int run_study(const StudyOptions& options);

int build_study(const StudyOptions& options);
int score_study(const StudyOptions& options);

}  // namespace swiftavatar::cli
