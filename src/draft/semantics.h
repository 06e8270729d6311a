#pragma once
// A first semantics file for an engine that has none: each variant is drawn and measured, and a person corrects the
// rest.

#include <functional>
#include <string>

#include <nlohmann/json.hpp>

#include "swiftavatar/avatar.h"
#include "swiftavatar/model.h"

namespace swiftavatar {

/// Models that help; each may be null: the draft then rests on the drawing and the names.
struct DraftModels {
  const FaceDetector* detector = nullptr;
  const FaceParser* parser = nullptr;  ///< finds hair where the engine has no hair colour
  const Estimator* estimator = nullptr;
};

/// Drafts the semantics (see docs/engine-definition.md for what is measured). The result parses with Semantics::parse;
/// its `$comment` has {draft: true, note, confidence {component: {variant: 0..1}}}. Calls `progress` for each
/// component.
nlohmann::ordered_json draft_semantics(const Engine& engine, const DraftModels& models,
                                       const std::function<void(const std::string&)>& progress = {});

/// Attributes that neither a component nor a colour with anchors shows and that are not declared impossible.
std::vector<std::string> uncovered_attributes(const Semantics& semantics);

}  // namespace swiftavatar
