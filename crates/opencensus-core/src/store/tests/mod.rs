//! Tests of the store on real files.

mod adoption;
mod ages;
mod basics;
mod bed;
mod bounds;
mod crashes;
mod damage;
#[cfg(unix)]
mod forked;
mod model;
#[cfg(unix)]
mod owners;
#[cfg(unix)]
mod processes;
mod threads;
