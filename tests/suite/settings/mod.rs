//! Settings are read from every source, and invalid files are reported.

mod arbitrary_inputs;
mod django_project;
mod extreme_limits;
mod input;
mod invalid_settings;
mod predecessor;
mod round_trip;
mod shared_folder;
mod sources;
mod start_lines;
mod store;
