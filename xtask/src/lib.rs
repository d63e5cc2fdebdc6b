//! `cargo xtask serve | test | build | bench | doctor`: from a fresh checkout to a page, with nothing installed by hand.
//!
//! This crate compiles on any stable from 1.85 on. In reading order: [`repo`] knows the folders, [`process`] runs
//! commands with the [`chosen`] toolchain, [`progress`] says which of them is at work; [`toolchain`], [`node`], [`browser`] and
//! [`tools`] find what those commands [`need`], [`plan`] says what of it is missing and installs that. [`site`] makes `dist/` by the crate
//! `xtask-site`, and [`demo`] the sessions, unless a [`stamp`] says that they are up to date; [`serve`], [`mod@test`], [`mod@bench`]
//! and [`doctor`] are what people type. [`tally`] counts tests, [`bare`] is the test of these commands themselves.

pub mod bare;
pub mod bench;
pub mod browser;
pub mod chosen;
pub mod demo;
pub mod doctor;
pub mod need;
pub mod node;
pub mod plan;
pub mod process;
pub mod progress;
pub mod repo;
pub mod serve;
pub mod site;
pub mod stamp;
pub mod tally;
pub mod test;
pub mod toolchain;
pub mod tools;
