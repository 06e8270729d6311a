#include "draft/drawing.h"

#include <algorithm>

#include <opencv2/imgproc.hpp>

#include "avatar/over_color.h"

namespace swiftavatar {

cv::Mat draw_square(const Engine& engine, const Avatar& avatar) {
  const cv::Mat rgba = draw_avatar(engine, avatar, kDraftSize).value();
  const cv::Vec3b kLight(235, 235, 235);
  cv::Mat square(kDraftSize, kDraftSize, CV_8UC3, kLight);
  const cv::Point shift((kDraftSize - rgba.cols) / 2, (kDraftSize - rgba.rows) / 2);
  over_color(rgba, kLight).copyTo(square(cv::Rect(shift, rgba.size())));
  return square;
}

Avatar bare_avatar(const Engine& engine) {
  Avatar avatar = engine.default_avatar();
  for (const auto& [name, component] : engine.components()) {
    if (component.optional) avatar.discrete[name] = std::nullopt;
  }
  return avatar;
}

cv::Mat difference_mask(const cv::Mat& a, const cv::Mat& b, int least) {
  cv::Mat distance, channels[3], sum;
  cv::absdiff(a, b, distance);
  cv::split(distance, channels);
  sum = cv::max(cv::max(channels[0], channels[1]), channels[2]);
  return sum > least;
}

cv::Mat color_mask(const Engine& engine, Avatar avatar, const std::string& color) {
  avatar.colors[color] = "#ff2010";
  const cv::Mat first = draw_square(engine, avatar);
  avatar.colors[color] = "#1020ff";
  return difference_mask(first, draw_square(engine, avatar), 60);
}

double share_of(const cv::Mat& mask, const cv::Rect& where) {
  const cv::Rect inside = where & cv::Rect(0, 0, mask.cols, mask.rows);
  return inside.area() > 0 ? cv::countNonZero(mask(inside)) / static_cast<double>(inside.area()) : 0;
}

cv::Rect part_of(const cv::Rect& box, double left, double top, double right, double bottom) {
  return {cv::Point(box.x + cvRound(left * box.width), box.y + cvRound(top * box.height)),
          cv::Point(box.x + cvRound(right * box.width), box.y + cvRound(bottom * box.height))};
}

cv::Rect face_box(const cv::Mat& skin) {
  const cv::Rect all = cv::boundingRect(skin);
  if (all.empty()) return {};
  const auto width = [&](int y) {
    return cv::countNonZero(skin.row(y)) == 0 ? 0 : cv::boundingRect(skin.row(y)).width;
  };
  // Shoulders may be wider than the face: the widest row counts until the mask narrows to a neck.
  int widest = 0, widest_row = all.y, chin = all.y + all.height;
  for (int y = all.y; y < all.y + all.height; ++y) {
    if (width(y) > widest) {
      widest = width(y);
      widest_row = y;
    } else if (y > widest_row + widest / 8 && width(y) < 0.5 * widest) {
      chin = y;
      break;
    }
  }
  const cv::Rect face = cv::boundingRect(skin.rowRange(all.y, chin));
  return {face.x, all.y, face.width, std::max(chin - all.y, 1)};
}

std::string hair_length_of(const cv::Mat& hair, const cv::Rect& face) {
  const double area = static_cast<double>(cv::countNonZero(hair)) / std::max(face.area(), 1);
  if (area < 0.02) return "bald";
  if (area < 0.10) return "very_short";
  // The lowest row that still has a lock of hair, not only a single hair.
  int lowest = 0;
  for (int y = 0; y < hair.rows; ++y) {
    if (cv::countNonZero(hair.row(y)) > 0.06 * face.width) lowest = y;
  }
  const double fall = static_cast<double>(lowest - face.y) / face.height;
  return fall < 0.72 ? "short" : fall < 1.22 ? "medium" : "long";
}

std::string facial_hair_of(const cv::Mat& changed, const cv::Rect& face, double contrast) {
  const cv::Rect box = cv::boundingRect(changed);
  if (box.empty()) return "none";
  const double width = static_cast<double>(box.width) / face.width;
  if (width > 0.55) return contrast < 0.12 ? "stubble" : "beard";
  const double middle = (box.y + box.height / 2.0 - face.y) / face.height;
  const bool flat = box.height < 0.6 * box.width;
  return flat && middle < 0.85 ? "moustache" : "goatee";
}

}  // namespace swiftavatar
