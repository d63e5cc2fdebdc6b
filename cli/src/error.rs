//! Everything that can go wrong on the command line: what happened (with values), why, and what to do.

use std::fmt::Display;
use std::path::{Path, PathBuf};

/// Any failure of a subcommand.
#[derive(Debug, Clone, thiserror::Error)]
pub enum CliError {
    /// The file system refused.
    #[error("Cannot {action} {}: {reason}. Check the path, its permissions and the space left on that disk.", .path.display())]
    Io {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The output is there already.
    #[error("{} exists already and nothing was changed. Choose another name, or add --force to replace it.", .path.display())]
    Exists {
        /// The output.
        path: PathBuf,
    },
    /// `--force` on something that `pack` and `demo` would not have written.
    #[error(
        "{} exists and was not replaced: `replayscope pack` and `demo` would not have written {}{part}, and --force removes \
         only what they write. Move that elsewhere, or choose another name.", .path.display(), .found.display()
    )]
    NotReplaceable {
        /// The output.
        path: PathBuf,
        /// What is not a session's.
        found: PathBuf,
        /// Of a document, the part that is not; empty where it is all of it.
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
    /// Ctrl-C.
    #[error("Interrupted; the unfinished output was removed.")]
    Interrupted,
    /// An option that makes no sense.
    #[error("{option} {value} is not possible: {why}. Try {example}.")]
    Option {
        /// The option.
        option: &'static str,
        /// The value given.
        value: String,
        /// What is wrong with it.
        why: String,
        /// One that works.
        example: String,
    },
    /// Options that make no sense together: what, why and what would.
    #[error("{0}")]
    Range(String),
    /// Not a .npy file, or one that cannot be packed.
    #[error("{} cannot be packed: {what}. {how}", .path.display())]
    Npy {
        /// The file.
        path: PathBuf,
        /// What is wrong, with values.
        what: String,
        /// A line to paste.
        how: String,
    },
    /// Something that the input could say, does not, and no option says.
    #[error("{} does not say {what}. Add {option}", .path.display())]
    Unsaid {
        /// The input.
        path: PathBuf,
        /// What, such as "when its frames are".
        what: &'static str,
        /// An option that says it.
        option: &'static str,
    },
    /// Not an environment.
    #[error("{} is no environment that can be used: {what}. {how}", .path.display())]
    Environment {
        /// The file.
        path: PathBuf,
        /// What is wrong, with values.
        what: String,
        /// What to do.
        how: String,
    },
    /// The classic mistake: data of another environment.
    #[error(
        "The data have {data} bins a frame and the environment has {environment}. They belong to different \
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
    /// Compression failed; never seen.
    #[error("A chunk could not be compressed: {reason}. Please report this.")]
    Codec {
        /// What the codec said.
        reason: String,
    },
    /// The server cannot listen.
    #[error(
        "Cannot listen on {address}: {reason}. Another program may use that port; --port 0 takes a free one."
    )]
    Listen {
        /// Address and port.
        address: String,
        /// What the system said.
        reason: String,
    },
    /// Files of which nothing can be shown.
    #[error("{what}: {why}. {how}")]
    View {
        /// What cannot be viewed.
        what: String,
        /// Why, with what was found.
        why: String,
        /// What to do.
        how: String,
    },
    /// Two files that would have one URL.
    #[error(
        "Two of the files are called {name}: {first} and {second}. Rename one of them, or view them one at a time."
    )]
    SameName {
        /// Their name.
        name: String,
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// The session could not be read.
    #[error(transparent)]
    Session(#[from] replayscope_session::Error),
}

impl CliError {
    /// An [`CliError::Io`] from what the system said; `action` is an infinitive such as "read".
    pub fn io(action: &'static str, path: impl AsRef<Path>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.as_ref().to_path_buf();
        move |error| Self::Io { action, path, reason: error.to_string() }
    }

    /// An [`CliError::Option`].
    pub fn option(
        option: &'static str,
        value: impl Display,
        why: impl Display,
        example: impl Display,
    ) -> Self {
        Self::Option { option, value: value.to_string(), why: why.to_string(), example: example.to_string() }
    }
}
