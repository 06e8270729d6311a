"""Makes this folder's own modules (estimator_fixture) importable from the tests in the folders below."""
