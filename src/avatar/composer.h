#pragma once
// Draws an avatar: fills the choices, colours and slider values into a definition's element tree.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "avatar/art.h"
#include "avatar/blend.h"

namespace swiftavatar {

/// One drawing of one avatar. The avatar must be complete (Engine::check).
class Composer {
 public:
  Composer(const Art& art, const std::map<std::string, Slider>& sliders, const Avatar& avatar);

  /// The SVG document. Every id and class has a hash of the document in it, so that different ones may stand in one web
  /// page.
  std::string svg();
  /// Mesh index -> canvas point. Anchors on absent components are missing.
  std::map<int, cv::Point2d> anchors();

 private:
  // A reference that was drawn: its whole transform, component to canvas.
  struct Placement {
    std::string name;
    int instance;  // -1 for references inside variants
    cv::Matx33d matrix;
  };
  // A drive that is not at rest.
  struct Force {
    const Drive* drive;
    double value;
  };
  struct Frame {
    cv::Matx33d matrix = cv::Matx33d::eye();                  // to the canvas
    bool on_canvas = true;                                    // not inside a variant
    const std::map<std::string, std::string>* ids = nullptr;  // the instance's own ids -> unique ones
    double stroke = 1;                                        // factor of stroke widths, where a component keeps them
  };

  // A component that is shown at a reference.
  struct Reference {
    const ArtComponent& component;
    const ArtVariant& variant;
    int instance;
    cv::Matx33d moved;  // by the drives
    Frame inner;        // of what the variant holds
  };

  // Counts and places the reference; nothing where the component is absent.
  std::optional<Reference> enter(const ArtNode& node, const Frame& frame);
  // The variant's elements after the blends on the reference.
  std::vector<ArtNode> shape(const std::string& name, const Reference& reference) const;
  // Walks the tree as `draw` does, without making text.
  void place(const std::vector<ArtNode>& nodes, const Frame& frame);
  std::string draw(const std::vector<ArtNode>& nodes, const Frame& frame);
  std::string draw_element(const ArtNode& node, const Frame& frame);
  std::string draw_component(const ArtNode& node, const Frame& frame);
  std::string attributes(const ArtAttributes& attributes, const std::map<std::string, std::string>* ids,
                         double stroke = 1) const;
  // Translate, rotate and scale of the drives on a reference.
  cv::Matx33d movement(const std::string& name, int instance, const cv::Point2d& centre) const;
  cv::Point2d scale(const std::string& name, int instance) const;
  std::vector<const Force*> forces_on(const std::string& name, int instance) const;
  const std::string* chosen(const std::string& name) const;  // nullptr: absent
  // An id as it is drawn: the instance's own one, or the canvas'.
  std::string unique_id(const std::string& id, const std::map<std::string, std::string>* ids) const;
  std::string style(const ArtNode& node, const Frame& frame) const;

  const Art& art_;
  const Avatar& avatar_;
  std::vector<Force> forces_;
  std::map<std::string, int> seen_;  // references on the canvas so far
  std::vector<Placement> placements_;
  int instances_ = 0;
};

}  // namespace swiftavatar
