//! Engines that turn sessions and memory into proposed lessons.
