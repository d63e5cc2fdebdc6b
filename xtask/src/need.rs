//! What a command needs, and whether it is there.

/// One thing that is needed.
#[derive(Debug)]
pub struct Need {
    /// Its name and version.
    pub what: String,
    /// Whether it is there.
    pub state: State,
}

/// Whether something is there.
#[derive(Debug, PartialEq, Eq)]
pub enum State {
    /// It is, and where or which.
    Present(String),
    /// The project installs it.
    Install(Install),
    /// The project cannot install it; what a person has to type.
    Missing(String),
}

/// How something is installed.
#[derive(Debug, PartialEq, Eq)]
pub struct Install {
    /// Who installs it, and from where.
    pub from: String,
    /// About how much is downloaded, in units of 10⁶ bytes.
    pub download_mb: u32,
    /// About how long it takes on 2 cores, alone.
    pub seconds: u32,
}
