"""Training of swiftavatar's models: data, parser, generators, pairs, estimator, export, evaluation."""
