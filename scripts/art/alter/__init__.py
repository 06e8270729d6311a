"""The art of the engine `alter`: soft, rounded heads with big eyes, shaded as if they were modelled in clay."""
