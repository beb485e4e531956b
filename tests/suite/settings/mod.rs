//! Settings: their sources, their file format, and the reports of invalid files.

mod arbitrary_inputs;
mod input;
mod invalid_settings;
mod predecessor;
mod round_trip;
mod sources;
