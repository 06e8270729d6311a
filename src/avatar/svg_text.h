#pragma once
// Text of SVG attributes: escaping, numbers inside values, transforms.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <opencv2/core.hpp>

namespace swiftavatar {

/// The five XML entities.
std::string escape_xml(std::string_view text);

/// A number with at most 6 decimals, without trailing zeros or exponent, independent of the locale.
std::string format_number(double value);

/// A value split into its numbers and what stands between them. Separators (white space, commas) are not kept, so
/// "10,20" and "10 20" have one skeleton; numbers.size() + 1 == literals.size().
struct SplitNumbers {
  std::vector<std::string> literals;
  std::vector<double> numbers;
};

/// Splits an attribute's value. With `is_path` the flags of arc commands stay literals.
SplitNumbers split_numbers(std::string_view value, bool is_path);
/// The reverse of split_numbers.
std::string join_numbers(const SplitNumbers& split);

/// An SVG transform list as a matrix (column vectors), or nothing where it does not follow the SVG 1.1 grammar.
std::optional<cv::Matx33d> parse_transform(std::string_view text);
/// "matrix(a b c d e f)".
std::string format_transform(const cv::Matx33d& matrix);

cv::Matx33d translation(double x, double y);
cv::Matx33d scaling(double x, double y);
cv::Matx33d rotation(double degrees);
/// `matrix` applied about `centre` instead of the origin.
cv::Matx33d about(const cv::Point2d& centre, const cv::Matx33d& matrix);
cv::Point2d transform_point(const cv::Matx33d& matrix, const cv::Point2d& point);

}  // namespace swiftavatar
