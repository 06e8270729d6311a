#pragma once
// What an engine's drawings show when they are measured: where the face is, what changes from one to another, and how
// much hair that is. Masks are CV_8U, 0 or 255.

#include <string>

#include <opencv2/core.hpp>

#include "swiftavatar/avatar.h"

namespace swiftavatar {

inline constexpr int kDraftSize = 256;  ///< side of the drawings that are measured

/// The avatar in the middle of a light square, CV_8UC3, R first.
cv::Mat draw_square(const Engine& engine, const Avatar& avatar);

/// The default avatar without anything that may be absent: rear hair, hats and beards would be taken for the variant's.
Avatar bare_avatar(const Engine& engine);

/// 255 where two drawings differ by more than anti-aliasing noise.
cv::Mat difference_mask(const cv::Mat& a, const cv::Mat& b, int least = 24);

/// Pixels that take a colour.
cv::Mat color_mask(const Engine& engine, Avatar avatar, const std::string& color);

/// How much of a place a mask covers, 0 to 1.
double share_of(const cv::Mat& mask, const cv::Rect& where);

/// A part of a box, by shares of its width and height.
cv::Rect part_of(const cv::Rect& box, double left, double top, double right, double bottom);

/// The face in a mask of skin that may go on into neck and body: from the top down to where it narrows below the widest
/// row. Empty for an empty mask.
cv::Rect face_box(const cv::Mat& skin);

/// bald, very_short, short, medium or long, by how much hair there is and how far it falls beside a face box.
std::string hair_length_of(const cv::Mat& hair, const cv::Rect& face);

/// none, stubble, moustache, goatee or beard, by where facial hair lies in a face box and how faint (0..1) it is.
std::string facial_hair_of(const cv::Mat& changed, const cv::Rect& face, double contrast);

}  // namespace swiftavatar
