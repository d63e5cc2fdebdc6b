//! Errors of the command line. Each text says what happened (with values), why, and what to do.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// A failure of a subcommand.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CliError {
    /// An operation of the file system failed.
    #[error("Cannot {action} {}: {reason}. Check the path, its permissions and the space left on that disk.", .path.display())]
    Io {
        /// The operation, as an infinitive.
        action: &'static str,
        /// The path.
        path: PathBuf,
        /// The system's error.
        reason: String,
    },
    /// The output exists already.
    #[error("{} exists already and nothing was changed. Choose another name, or add --force to replace it.", .path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// `--force` would remove something that `pack` and `demo` did not write.
    #[error(
        "{} exists and was not replaced: `replayscope pack` and `demo` would not have written {}{part}, and --force removes \
         only what they write. Move that elsewhere, or choose another name.", .path.display(), .found.display()
    )]
    NotReplaceable {
        /// The output.
        path: PathBuf,
        /// The file or folder that is not theirs.
        found: PathBuf,
        /// The part of a document that is not theirs; empty for the entire document.
        part: String,
    },
    /// The output would be written over the input, or into it.
    #[error(
        "The input {} and the output {} contain one another, so writing the output could damage the input. Nothing was \
         changed. Choose an output beside it, such as -o packed.zarr", .input.display(), .output.display()
    )]
    InputAndOutput {
        /// The input.
        input: PathBuf,
        /// The output.
        output: PathBuf,
    },
    /// A path without a last component, such as `/` or `..`.
    #[error("{} has no name of its own, so nothing can be written there. Give a name such as session.zarr.", .path.display())]
    NoName {
        /// The output.
        path: PathBuf,
    },
    /// The command was interrupted by Ctrl-C.
    #[error("Interrupted; the unfinished output was removed.")]
    Interrupted,
    /// The value of an option is not valid.
    #[error("{option} {value} is not possible: {why}. Try {example}.")]
    Option {
        /// The option.
        option: &'static str,
        /// The value given.
        value: String,
        /// The reason.
        why: String,
        /// A valid example.
        example: String,
    },
    /// Options contradict each other; the text says which, why, and what is valid.
    #[error("{0}")]
    Range(String),
    /// A file is no `.npy`, or cannot be packed.
    #[error("{} cannot be packed: {what}. {how}", .path.display())]
    Npy {
        /// The file.
        path: PathBuf,
        /// The reason, with values.
        what: String,
        /// A line to paste.
        how: String,
    },
    /// The input lacks something that no option gives.
    #[error("{} does not say {what}. Add {option}", .path.display())]
    Unsaid {
        /// The input.
        path: PathBuf,
        /// What is missing, such as "when its frames are".
        what: &'static str,
        /// An option that gives it.
        option: &'static str,
    },
    /// A file is no environment.
    #[error("{} cannot be used as an environment: {what}. {how}", .path.display())]
    Environment {
        /// The file.
        path: PathBuf,
        /// The reason, with values.
        what: String,
        /// What to do.
        how: String,
    },
    /// The data belong to another environment.
    #[error(
        "The data have {data} bins per frame and the environment has {environment}. They belong to different \
         environments, or inactive bins were kept: give the environment the decoder used, or drop the inactive bins in \
         Python with `np.save(\"posterior.npy\", posterior[:, env.layout.active_mask.ravel()])`. \
         Data {}, environment {}", .data_path.display(), .environment_path.display()
    )]
    BinCount {
        /// Bins of the data.
        data: u64,
        /// Bins of the environment.
        environment: usize,
        /// The data.
        data_path: PathBuf,
        /// The environment.
        environment_path: PathBuf,
    },
    /// Compression failed, which is not expected.
    #[error("A chunk could not be compressed: {reason}. Please report this.")]
    Codec {
        /// The codec's error.
        reason: String,
    },
    /// The server cannot listen.
    #[error(
        "Cannot listen on {address}: {reason}. Another program may use that port; --port 0 takes a free one."
    )]
    Listen {
        /// Address and port.
        address: String,
        /// The system's error.
        reason: String,
    },
    /// Nothing can be shown of the files.
    #[error("{what}: {why}. {how}")]
    View {
        /// The files that cannot be viewed.
        what: String,
        /// The reason, with what was found.
        why: String,
        /// What to do.
        how: String,
    },
    /// Two files have the same name, and so the same URL.
    #[error(
        "Two of the files are called {name}: {first} and {second}. Rename one of them, or view them one at a time."
    )]
    SameName {
        /// The name.
        name: String,
        /// The first file.
        first: String,
        /// The second file.
        second: String,
    },
    /// The session could not be read.
    #[error(transparent)]
    Session(#[from] replayscope_session::Error),
}

impl CliError {
    /// Makes a [`CliError::Io`] from the system's error; `action` is an infinitive such as "read".
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |error| Self::Io { action, path, reason: error.to_string() }
    }

    /// Makes a [`CliError::Option`].
    pub fn option(
        option: &'static str,
        value: impl Display,
        why: impl Display,
        example: impl Display,
    ) -> Self {
        Self::Option { option, value: value.to_string(), why: why.to_string(), example: example.to_string() }
    }
}
