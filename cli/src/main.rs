//! The `replayscope` binary: options in, one line of outcome out.

use std::io::Write;
use std::net::IpAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, Parser, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use replayscope_cli::demo::{DemoOptions, demo};
use replayscope_cli::error::CliError;
use replayscope_cli::frames::Scale;
use replayscope_cli::info::info;
use replayscope_cli::pack::{PackOptions, pack};
use replayscope_cli::range::range;
use replayscope_cli::serve::{ServeOptions, Server};
use replayscope_cli::session::{RegularTimes, Written};
use replayscope_cli::short;
use replayscope_cli::view::{ViewOptions, view};
use replayscope_cli::writer::{Pooling, Precision, Rounding};
use replayscope_session::range::{EstimateRequest, Method};

/// Prints a line; a closed pipe (`| head`) is no error.
macro_rules! say {
    ($($text:tt)*) => { _ = writeln!(std::io::stdout(), $($text)*) };
}

/// Makes, serves and inspects sessions for the replayscope viewer.
#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate a rat, its place cells and their decode, and write a session.
    Demo {
        /// Folder of the session to write, such as demo.zarr.
        output: PathBuf,
        /// Length in seconds.
        #[arg(long, default_value_t = 60.0)]
        seconds: f64,
        /// Decoded frames per second.
        #[arg(long, default_value_t = 500.0)]
        rate: f64,
        /// Bins along x and y, before the mask.
        #[arg(long, default_value = "40x40", value_parser = parse_bins)]
        bins: [usize; 2],
        /// Seed of the simulation.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Precision of the stored posterior; f16 is smaller but rounds.
        #[arg(long, value_enum, default_value_t = Precision::F32)]
        precision: Precision,
        #[command(flatten)]
        pyramid: Pyramid,
        /// Replace an existing session.
        #[arg(long)]
        force: bool,
    },
    /// Pack a `.npy` array (time, bin) and its neurospatial environment into a session that is fast to read.
    #[command(after_help = "Example:\n  \
        replayscope pack posterior.npy --environment environment.json --rate 500 -o session.zarr")]
    Pack {
        /// A .npy of float16, float32 or float64 of any size, or anything else that the viewer opens: a Zarr folder or zip,
        /// netCDF or HDF5, a session.json. If there are several fields, the first is packed, as float32.
        input: PathBuf,
        /// Folder of the session to write, such as session.zarr.
        #[arg(required_unless_present = "out", conflicts_with = "out")]
        output: Option<PathBuf>,
        /// OUTPUT as an option.
        #[arg(short = 'o', long = "output", value_name = "OUTPUT")]
        out: Option<PathBuf>,
        #[command(flatten)]
        also: Also,
        /// neurospatial's env.json, with env.npz beside it; needed if the input has no environment, e.g. a .npy.
        #[arg(long)]
        environment: Option<PathBuf>,
        /// Polygons of the bins, for an environment of any layout: an .npz of `polygon_vertices` (n, 2), in the
        /// environment's units, and `polygon_offsets` (bins + 1); bin b has the corners offsets[b] up to offsets[b + 1].
        #[arg(long, value_name = "NPZ")]
        polygons: Option<PathBuf>,
        /// Frames per second; needed if the input has no time stamps, e.g. a .npy.
        #[arg(long)]
        rate: Option<f64>,
        /// Time of the first frame in seconds [default: 0].
        #[arg(long, requires = "rate", allow_negative_numbers = true)]
        start: Option<f64>,
        /// Name of the field [default: the input's name without .npy].
        #[arg(long)]
        name: Option<String>,
        /// Multiply values by a factor such as 1e50, or store their logarithm (log10), if float32 cannot hold them: its range is
        /// 1.4e-45 to 3.4e38. The field's units name the scale.
        #[arg(long, value_name = "FACTOR|log10", allow_negative_numbers = true)]
        scale: Option<Scale>,
        /// Precision of the stored values [default: that of a .npy, without loss; f32 for scaled values and other inputs].
        #[arg(long, value_enum)]
        precision: Option<Precision>,
        #[command(flatten)]
        pyramid: Pyramid,
        /// Replace an existing session.
        #[arg(long)]
        force: bool,
    },
    /// Serve a folder of sessions and the viewer, by default to this machine only.
    Serve {
        /// A session, or a folder with sessions below it.
        #[arg(default_value = ".")]
        dir: PathBuf,
        /// Port; 0 takes any free one.
        #[arg(long)]
        port: Option<u16>,
        /// Address to listen on; 0.0.0.0 lets other machines connect.
        #[arg(long, default_value = "127.0.0.1")]
        bind: IpAddr,
        /// Open the viewer in the browser.
        #[arg(long)]
        open: bool,
        /// Allow pages of this origin to read the data, such as <https://lab.github.io>; can be repeated.
        #[arg(long, value_name = "ORIGIN")]
        allow_origin: Vec<String>,
        /// Accept requests for this host name, too; can be repeated.
        #[arg(long, value_name = "NAME")]
        allow_host: Vec<String>,
    },
    /// Open files in the viewer: serve only these files, to this machine only, and start the browser.
    ///
    /// Files are read in place and not copied. Besides the named files, only these are served: an environment's .npz; beside a
    /// single .npy, environment.json or env.json and time.npy; and the files below its folder that a session.json refers to.
    #[command(after_help = "Examples:\n  replayscope view results.nc\n  replayscope view session.zarr\n  \
        replayscope view posterior.npy environment.json time.npy position.npy\n  \
        replayscope view posterior.npy --rate 500")]
    View {
        /// results.nc, session.zarr, session.zarr.zip, session.json, a folder of these; or an array (time, bin) as .npy
        /// with its environment.json, time.npy and position.npy, which may lie in any folders.
        #[arg(required = true, value_name = "PATH")]
        paths: Vec<PathBuf>,
        /// Frames per second, for files without time stamps.
        #[arg(long, value_name = "HZ")]
        rate: Option<f64>,
        /// Port; 0 takes any free one.
        #[arg(long)]
        port: Option<u16>,
        /// Only print the URL.
        #[arg(long)]
        no_open: bool,
    },
    /// Estimate the colour limits of a field as the viewer does, and print the frames and bytes that were read.
    #[command(after_help = "Examples:\n  replayscope range session.zarr\n  \
        replayscope range session.zarr --method exact\n  \
        replayscope range https://host/session.zarr --method subset --samples 2000 --percentile 1 99 --seed 7")]
    Range {
        /// URL, folder or file that the viewer opens.
        session: String,
        #[command(flatten)]
        also: Also,
        /// Name of the field [default: the first one].
        #[arg(long)]
        field: Option<String>,
        /// auto (peaks or subset, depending on the data), exact, strided, subset or peaks.
        #[arg(long, default_value = "auto", value_parser = parse_method)]
        method: Method,
        /// Number of sample frames, for subset and peaks [default: 10000].
        #[arg(long)]
        samples: Option<u64>,
        /// Percentiles of all values, for subset [default: 1 99].
        #[arg(long, num_args = 2, value_names = ["LOW", "HIGH"])]
        percentile: Option<Vec<f64>>,
        /// Distance between sampled frames, for strided [default: such that about 50000 are sampled].
        #[arg(long)]
        stride: Option<u64>,
        /// Percentile of the frames' medians for the lower limit, for peaks [default: 50].
        #[arg(long)]
        lower: Option<f64>,
        /// Percentile of the frames' maxima for the upper limit, for peaks [default: 99.5].
        #[arg(long)]
        upper: Option<f64>,
        /// Seed of the random choice of frames.
        #[arg(long, default_value_t = 0)]
        seed: u64,
        /// Lower limit, instead of the estimated one.
        #[arg(long, allow_negative_numbers = true)]
        vmin: Option<f64>,
        /// Upper limit, instead of the estimated one.
        #[arg(long, allow_negative_numbers = true)]
        vmax: Option<f64>,
    },
    /// Describe a session: shapes, chunks, codecs, time span, and what is slow or wrong.
    Info {
        /// URL or folder.
        session: String,
        #[command(flatten)]
        also: Also,
    },
}

/// Paths that a session on this machine may refer to.
#[derive(Debug, Args)]
struct Also {
    /// A file or folder outside of the session's folder that its document may refer to; can be repeated. Others are not read.
    #[arg(long = "with", value_name = "PATH")]
    also: Vec<PathBuf>,
}

/// The time pyramid: the field with 16, 256, … times fewer frames, to show a long interval at once.
#[derive(Debug, Args)]
struct Pyramid {
    /// How a frame of the time pyramid combines 16, 256, … frames.
    #[arg(long, value_enum, value_delimiter = ',', default_value = "max")]
    pyramid: Vec<Pooling>,
    /// Do not write a time pyramid.
    #[arg(long, conflicts_with = "pyramid")]
    no_pyramid: bool,
}

impl Pyramid {
    fn poolings(self) -> Vec<Pooling> {
        if self.no_pyramid { Vec::new() } else { self.pyramid }
    }
}

fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("replayscope: {}", short::line(&error.to_string()));
            // The exit code of shells for a program that Ctrl-C ended.
            if matches!(error, CliError::Interrupted) { ExitCode::from(130) } else { ExitCode::FAILURE }
        }
    }
}

fn run(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Demo { output, seconds, rate, bins, seed, precision, pyramid, force } => {
            let pyramid = pyramid.poolings();
            let options = DemoOptions { output, seconds, rate, bins, seed, precision, pyramid, force };
            let (bar, stop) = (progress_bar(), stop_on_interrupt());
            let report = demo(&options, &stop, |written, total| show(&bar, written, total))?;
            bar.finish_and_clear();
            print_written(&options.output, &report);
        }
        Command::Pack {
            input,
            output,
            out,
            also: Also { also },
            environment,
            polygons,
            rate,
            start,
            name,
            scale,
            precision,
            pyramid,
            force,
        } => {
            let clock = rate.map(|rate| RegularTimes { start: start.unwrap_or(0.0), rate });
            let output = output.or(out).unwrap_or_default();
            let pyramid = pyramid.poolings();
            let options = PackOptions {
                input,
                also,
                environment,
                polygons,
                clock,
                name,
                scale,
                precision,
                pyramid,
                force,
                output,
            };
            let (bar, stop) = (progress_bar(), stop_on_interrupt());
            let report = pack(&options, &stop, |written, total| show(&bar, written, total))?;
            bar.finish_and_clear();
            print_written(&options.output, &report);
        }
        Command::Serve { dir, port, bind, open, allow_origin, allow_host } => {
            let options = ServeOptions {
                folder: dir,
                bind,
                port,
                allow_origins: allow_origin,
                allow_hosts: allow_host,
            };
            serve(&options, open)?;
        }
        Command::View { paths, rate, port, no_open } => {
            open_files(&ViewOptions { paths, rate }, port, !no_open)?;
        }
        Command::Range {
            session,
            also: Also { also },
            field,
            method,
            samples,
            percentile,
            stride,
            lower,
            upper,
            seed,
            vmin,
            vmax,
        } => {
            let percentile = percentile.and_then(|ends| <[f64; 2]>::try_from(ends).ok());
            let method = method.with(samples, percentile, stride, [lower, upper]);
            let request = EstimateRequest { method, seed, user_limits: [vmin, vmax] }
                .checked()
                .map_err(CliError::Range)?;
            say!("{}", range(&session, &also, field.as_deref(), request)?);
        }
        Command::Info { session, also: Also { also } } => {
            let report = info(&session, &also)?;
            say!("{report}");
            return Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) });
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn serve(options: &ServeOptions, open: bool) -> Result<(), CliError> {
    let runtime = runtime(&options.folder)?;
    runtime.block_on(async {
        let server = Server::bind(options).await?;
        run_server(server, &options.folder.display().to_string(), open).await
    })
}

fn open_files(options: &ViewOptions, port: Option<u16>, open: bool) -> Result<(), CliError> {
    let found = view(options)?;
    for note in &found.notes {
        eprintln!("replayscope: {note}");
    }
    let what = match found.selection.len() {
        1 => options.paths[0].display().to_string(),
        files => format!("{files} files and folders"),
    };
    runtime(&options.paths[0])?.block_on(async {
        let server = Server::bind_selection(found.selection, port).await?;
        run_server(server, &what, open).await
    })
}

fn runtime(path: &std::path::Path) -> Result<tokio::runtime::Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(CliError::io("serve", path))
}

async fn run_server(server: Server, what: &str, open: bool) -> Result<(), CliError> {
    let url = server.url();
    // The first line is the URL alone, for scripts.
    say!("{url}");
    let sessions = server.sessions();
    if sessions.len() > 1 {
        for session in sessions {
            say!("  {session}");
        }
    }
    for note in server.notes() {
        eprintln!("replayscope: {note}");
    }
    say!("Serving {what}; Ctrl-C ends it.");
    if open && let Err(error) = opener::open_browser(&url) {
        eprintln!("replayscope: No browser could be started ({error}). Open {url} yourself.");
    }
    match server.run().await {}
}

fn print_written(output: &std::path::Path, written: &Written) {
    let Written { layout, field } = written;
    let rounding = &field.rounding;
    say!(
        "{}: {} frames × {} bins, {} of {} stored ({:.0} %).",
        output.display(),
        layout.frames,
        layout.bins,
        layout.precision.zarr_name(),
        megabytes(field.stored_bytes),
        100.0 * field.stored_bytes as f64 / field.decoded_bytes.max(1) as f64,
    );
    if rounding.is_lossy {
        let full = rounding.full_bytes(field.stored_bytes);
        say!(
            "Rounding saved {} of {} (measured on every 16th chunk). The largest change of a value is {:.2e}.",
            megabytes(full.saturating_sub(field.stored_bytes)),
            megabytes(full),
            rounding.largest_change,
        );
    }
    if rounding.lost() > 0 {
        let Rounding { became_zero, became_infinite, became_nan, .. } = rounding;
        say!(
            "{became_zero} values became 0, {became_infinite} infinite and {became_nan} NaN. What keeps them is another `--scale` (a \
             factor such as 1e50, or log10, which makes −∞ of 0 and NaN of what is below) or a higher `--precision`."
        );
    }
    let pyramid = &field.pyramid;
    let poolings: Vec<&str> = pyramid.poolings.iter().map(|pooling| pooling.name()).collect();
    match (poolings.as_slice(), pyramid.levels) {
        ([], _) => {}
        (_, 0) => say!("No time pyramid: so few frames are read at once."),
        (_, levels) => say!(
            "Time pyramid of {}: {levels} level{} of 16×, {} stored ({:.1} % of the field).",
            poolings.join(" and "),
            if levels == 1 { "" } else { "s" },
            megabytes(pyramid.stored_bytes),
            100.0 * pyramid.stored_bytes as f64 / field.stored_bytes.max(1) as f64,
        ),
    }
    say!("Look at it with: replayscope serve {} --open", output.display());
}

fn megabytes(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

fn progress_bar() -> ProgressBar {
    let bar = ProgressBar::no_length();
    if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos}/{len} chunks, {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn show(bar: &ProgressBar, written: u64, total: u64) {
    bar.set_length(total);
    bar.set_position(written);
}

/// Set by Ctrl-C and by termination; the writers look at it between chunks and clean up after themselves.
fn stop_on_interrupt() -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let handler = stop.clone();
    if let Err(error) = ctrlc::set_handler(move || handler.store(true, Ordering::Relaxed)) {
        eprintln!("replayscope: Ctrl-C will not clean up ({error}).");
    }
    stop
}

fn parse_method(text: &str) -> Result<Method, String> {
    let names = || Method::NAMES.map(|(name, _)| name).join(", ");
    Method::by_name(text).ok_or_else(|| format!("there is no such method; try one of {}", names()))
}

fn parse_bins(text: &str) -> Result<[usize; 2], String> {
    let numbers = text.split_once(['x', '×']).and_then(|(x, y)| Some([x.parse().ok()?, y.parse().ok()?]));
    numbers.ok_or_else(|| format!("`{text}` is no number of bins along x and y; try 40x40"))
}
