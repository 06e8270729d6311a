#pragma once
// Points of the face mesh (MediaPipe's numbering) around the eyes.

#include <array>

namespace swiftavatar {

/// An eye as seen in the picture.
struct EyePoints {
  int outer, inner;             ///< corners
  std::array<int, 16> outline;  ///< lower lid with both corners, then upper lid, each from the outer corner inwards
  std::array<int, 5> iris;      ///< centre, then four points of the rim, in the iris network's order
  bool mirrored;                ///< the iris network knows the picture's left eye; this one is shown to it mirrored
};

/// The eye at the picture's left, then the one at its right.
inline constexpr std::array<EyePoints, 2> kEyePoints = {{
    {33,
     133,
     {33, 7, 163, 144, 145, 153, 154, 155, 133, 246, 161, 160, 159, 158, 157, 173},
     {468, 469, 470, 471, 472},
     false},
    {263,
     362,
     {263, 249, 390, 373, 374, 380, 381, 382, 362, 466, 388, 387, 386, 385, 384, 398},
     {473, 476, 475, 474, 477},
     true},
}};

}  // namespace swiftavatar
