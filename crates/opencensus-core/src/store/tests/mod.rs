//! Tests of the store on real files.

mod basics;
mod bed;
mod bounds;
mod crashes;
mod damage;
mod model;
