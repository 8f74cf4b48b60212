//! Runs the engine's Linux on the causes of recorded traces and compares.

pub mod build;
pub mod compare;
pub mod record;
pub mod seen;
