#pragma once
// Pictures of avatars by a user's program, for engines that have no drawable definition.

#include <chrono>
#include <string>

#include <opencv2/core.hpp>

#include "swiftavatar/avatar.h"

namespace swiftavatar {

class ExternalRenderer {
 public:
  ExternalRenderer(std::string command, std::chrono::milliseconds limit)
      : command_(std::move(command)), limit_(limit) {}

  const std::string& command() const { return command_; }

  /// Runs `/bin/sh -c COMMAND` with {"engine": NAME, "avatar": {…}, "size": N} on stdin and reads a PNG from its
  /// stdout: CV_8UC4 RGBA, scaled to `size` pixels on the longer side. Error: render_failed, with the program's last
  /// stderr line.
  Result<cv::Mat> draw(const std::string& engine, const Avatar& avatar, int size) const;

 private:
  std::string command_;
  std::chrono::milliseconds limit_;
};

}  // namespace swiftavatar
