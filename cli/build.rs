//! A release build carries the viewer: it has to notice when `dist/` is built anew.

fn main() {
    // A debug build reads dist/ while it runs. Watching a folder that is not there would rebuild every time.
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if release {
        // What is embedded must be there; an empty one makes a command line without the viewer, which says so.
        let _ = std::fs::create_dir_all("../dist");
    }
    println!("cargo::rerun-if-changed={}", if release { "../dist" } else { "build.rs" });
}
