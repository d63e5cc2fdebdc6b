//! What a benchmark ran on. No names of hosts, users or folders: the report is published.

use anyhow::Result;

use xtask::browser::Browser;
use xtask::process;

/// Lines for the report.
pub fn describe(browser: &Browser) -> Result<Vec<String>> {
    let cores = std::thread::available_parallelism()?;
    let processor = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let memory = field("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches("kB").trim().parse::<f64>().ok())
        .map_or_else(String::new, |kib| format!(", {:.0} GiB of memory", kib / f64::from(1 << 20)));
    let system = std::fs::read_to_string("/etc/os-release")
        .ok()
        .and_then(|text| {
            let name = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
            Some(name.trim_matches('"').to_owned())
        })
        .unwrap_or_else(|| std::env::consts::OS.to_owned());
    let ask = |program: &std::path::Path| process::ask(process::command(program).arg("--version"));
    let chrome =
        ask(&browser.chrome).unwrap_or_else(|| "a browser that does not tell its version".to_owned());
    Ok(vec![
        format!("Machine: {processor}, {cores} cores{memory}; {system}"),
        format!("Browser: {}, headless, WebGPU in software (SwiftShader), window 820 × 560", chrome.trim()),
        format!("Last run: {}", today()),
    ])
}

/// `2020-01-31`, UTC.
pub fn today() -> String {
    process::ask(process::command("date").args(["-u", "+%Y-%m-%d"])).unwrap_or_else(|| "no date".to_owned())
}

/// The commit, and whether there is more than it.
pub fn revision() -> String {
    let git = |words: &[&str]| process::ask(process::command("git").args(words));
    let Some(commit) = git(&["rev-parse", "--short", "HEAD"]) else { return "no commit".to_owned() };
    // Of what is built and run; the report itself changes each time.
    let changes = git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs"]);
    if changes.is_some_and(|changes| !changes.is_empty()) { format!("{commit} and changes") } else { commit }
}

/// Processes that wanted a core, the mean of a minute.
pub fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// `name : value` in a file of such lines, the first.
fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}
