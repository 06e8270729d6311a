"""The photos that networks are trained and measured on: where they come from, how they are cut, masks and landmarks."""
