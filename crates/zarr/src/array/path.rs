//! Paths of nodes below the root of a source.

/// Joins a path below the root and a name in it.
pub fn join(path: &str, name: &str) -> String {
    match path.trim_matches('/') {
        "" => name.to_owned(),
        path => format!("{path}/{name}"),
    }
}
