#pragma once
// The three steps of choose_avatar, apart so that each can be tested: variants, sliders, colours.

#include <map>
#include <string>
#include <vector>

#include "swiftavatar/estimate.h"

namespace swiftavatar {

/// log-probability of each option, by name of the head.
using LogProbabilities = std::map<std::string, std::map<std::string, double>>;

/// The heads of one kind that choose (attribute, discrete, style). Attribute heads are regrouped by
/// attribute_groups: see group_first.
LogProbabilities choice_heads(const std::vector<HeadOutput>& heads, HeadKind kind);

/// Scores by which the right group of values comes first and the value inside it second: log P(group) + 0.25 * log
/// P(value | group). Three kinds of beard at 0.2 each then outweigh "none" at 0.4.
std::map<std::string, double> group_first(const std::string& attribute,
                                          const std::map<std::string, double>& log_probabilities);

/// Sets `estimate.avatar.discrete` and its confidences from heads of attributes, of this engine's variants and of drawn
/// styles that engines share by name; expects colours to be set already, for attributes read off
/// them.
void choose_variants(const Engine& engine, const Semantics& semantics, const LogProbabilities& attributes,
                     const LogProbabilities& variants, const LogProbabilities& styles, Estimate& estimate);

/// Sets `estimate.avatar.continuous` and its confidences.
void choose_sliders(const Engine& engine, const std::vector<HeadOutput>& heads,
                    const std::map<std::string, double>& measures, const MeasureScales& scales, Estimate& estimate);

/// Sets `estimate.avatar.colors`, its confidences and colour warnings.
void choose_colors(const Engine& engine, const Semantics& semantics, const LogProbabilities& attributes,
                   const FaceColors& colors, Estimate& estimate);

}  // namespace swiftavatar
