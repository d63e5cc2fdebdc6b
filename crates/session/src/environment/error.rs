//! Errors of an environment.

use replayscope_json::number::text;

/// Why an environment cannot be drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum EnvironmentError {
    /// There are no bins.
    #[error("The environment has no bins. A session needs at least one bin centre.")]
    NoBins,
    /// No bin centre is finite.
    #[error(
        "None of the {bins} bin centres is a finite number, so no bin has a place. \
         Look at bin_center_x and bin_center_y: `print(ds.bin_center_x.values)`"
    )]
    NoPlaces {
        /// The number of bins.
        bins: usize,
    },
    /// The number of dimensions is not 1 or 2.
    #[error(
        "The environment has {dims} dimensions and the viewer draws 2: it has one polygon a bin, and no volumes. \
         Decode into a 2-D environment, or sum the posterior over the other axes and give the result's bins: \
         `ds.posterior.unstack(\"bin\").sum(\"z\")`"
    )]
    Dimensions {
        /// The number of dimensions.
        dims: u64,
    },
    /// The version is not supported.
    #[error(
        "The environment is \"{found}\" and this viewer reads \"Environment-v1\". \
         Use a newer viewer, or save the environment with the neurospatial version that wrote v1."
    )]
    Newer {
        /// The `schema_version` found.
        found: String,
    },
    /// The JSON is no environment.
    #[error(
        "This is not a neurospatial environment: {problem}. \
         Write one with `json.dump(neurospatial.io.to_dict(env), open(\"environment.json\", \"w\"))`"
    )]
    NotAnEnvironment {
        /// What is wrong with it.
        problem: String,
    },
    /// A part of an `Environment-v1` is not valid.
    #[error(
        "The environment's {key} cannot be used: {problem}. Save the environment again with neurospatial."
    )]
    Malformed {
        /// The key of the part.
        key: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// Two parts of one environment have different numbers of bins.
    #[error(
        "The environment contradicts itself: {first} says {first_bins} bins and {second} says {second_bins}. \
         Save the environment again with neurospatial."
    )]
    Counts {
        /// The first part.
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
        /// The bin whose cell contains that position.
        other: usize,
    },
}
