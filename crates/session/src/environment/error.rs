//! Why an environment cannot be drawn.

use replayscope_json::number::text;

/// Why an environment cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EnvironmentError {
    /// There is nothing to draw.
    #[error("The environment has no bins. A session needs at least one bin centre.")]
    NoBins,
    /// No centre is a place.
    #[error(
        "None of the {bins} bin centres is a finite number, so no bin has a place. \
         Look at bin_center_x and bin_center_y: `print(ds.bin_center_x.values)`"
    )]
    NoPlaces {
        /// How many bins there are.
        bins: usize,
    },
    /// 3-D, or something stranger.
    #[error(
        "The environment has {dims} dimensions and the viewer draws 2: it has one polygon a bin, and no volumes. \
         Decode into a 2-D environment, or sum the posterior over the other axes and give the result's bins: \
         `ds.posterior.unstack(\"bin\").sum(\"z\")`"
    )]
    Dimensions {
        /// How many there are.
        dims: u64,
    },
    /// Written by a later program.
    #[error(
        "The environment is \"{found}\" and this viewer reads \"Environment-v1\". \
         Use a newer viewer, or save the environment with the neurospatial version that wrote v1."
    )]
    Newer {
        /// Its `schema_version`.
        found: String,
    },
    /// Some other JSON.
    #[error(
        "This is not a neurospatial environment: {problem}. \
         Write one with `json.dump(neurospatial.io.to_dict(env), open(\"environment.json\", \"w\"))`"
    )]
    NotAnEnvironment {
        /// What is wrong with it.
        problem: String,
    },
    /// An `Environment-v1` with a part that makes no sense.
    #[error(
        "The environment's {key} cannot be used: {problem}. Save the environment again with neurospatial."
    )]
    Malformed {
        /// Which key.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Two parts of one environment count differently.
    #[error(
        "The environment contradicts itself: {first} says {first_bins} bins and {second} says {second_bins}. \
         Save the environment again with neurospatial."
    )]
    Counts {
        /// One part.
        first: &'static str,
        /// Its bins.
        first_bins: usize,
        /// The other part.
        second: &'static str,
        /// Its bins.
        second_bins: usize,
    },
    /// The session's centres and the environment's cells are in different orders.
    #[error(
        "Bin {bin} is at ({}, {}) by the session's bin centres, which is bin {other} of the environment, so the \
         picture would be scrambled. Use the environment that the session was decoded with, or leave one of the two out.",
        text(*x), text(*y)
    )]
    Order {
        /// The first bin that differs.
        bin: usize,
        /// Its x in the session.
        x: f64,
        /// Its y in the session.
        y: f64,
        /// The bin whose cell holds that place.
        other: usize,
    },
}
