//! What the eye needs to compare two texts, without colours.
