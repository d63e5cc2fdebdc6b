//! Shaders without what only their readers want: the page would carry every comment.

use std::path::Path;
use std::{env, fs, io};

const SHADERS: &str = "src/gpu/shaders";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={SHADERS}");
    let into = env::var_os("OUT_DIR").ok_or(io::ErrorKind::NotFound)?;
    for entry in fs::read_dir(SHADERS)? {
        let entry = entry?;
        let text = fs::read_to_string(entry.path())?;
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default().trim());
        let code: Vec<&str> = code.filter(|line| !line.is_empty()).collect();
        fs::write(Path::new(&into).join(entry.file_name()), code.join("\n"))?;
    }
    Ok(())
}
