"""Runs `swiftavatar estimate` on a Ray cluster. Ray does the work; this only keeps one program a worker."""
