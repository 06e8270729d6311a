#include "avatar/over_color.h"

namespace swiftavatar {

cv::Mat over_color(const cv::Mat& rgba, const cv::Vec3b& color) {
  cv::Mat rgb(rgba.size(), CV_8UC3);
  for (int y = 0; y < rgba.rows; ++y) {
    for (int x = 0; x < rgba.cols; ++x) {
      const cv::Vec4b& pixel = rgba.at<cv::Vec4b>(y, x);
      cv::Vec3b& shown = rgb.at<cv::Vec3b>(y, x);
      for (int i = 0; i < 3; ++i)
        shown[i] = cv::saturate_cast<uchar>((pixel[i] * pixel[3] + color[i] * (255 - pixel[3])) / 255.0);
    }
  }
  return rgb;
}

}  // namespace swiftavatar
