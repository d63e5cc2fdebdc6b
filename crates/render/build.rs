//! Puts each shader together with the files that it shares code with, and strips comments, which the page would carry.

use std::path::Path;
use std::{env, fs, io};

/// Relative to the folder of this crate, in which cargo runs this.
const SHADERS: &str = "src/shaders";
/// The first line of a shader begins like this, and lists the files to put before it. A file without such a line is no shader by
/// itself.
const WITH: &str = "// With ";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SHADERS}");
    let into = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    for entry in fs::read_dir(SHADERS)? {
        let entry = entry?;
        let own = fs::read_to_string(entry.path())?;
        let Some(shared) = own.lines().next().and_then(|line| line.strip_prefix(WITH)) else { continue };
        let names = shared.trim_end_matches('.').split(", ");
        let before: io::Result<String> =
            names.map(|name| fs::read_to_string(Path::new(SHADERS).join(name))).collect();
        let text = before? + &own;
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
        let code: Vec<&str> = code.filter(|line| !line.is_empty()).collect();
        fs::write(Path::new(&into).join(entry.file_name()), code.join("\n"))?;
    }
    Ok(())
}
