//! Frames of everything that the viewer opens: Zarr 2 and 3, a Zarr zip, netCDF and HDF5, or a session document.
//!
//! The session's futures are not `Send`, so a separate thread reads, slightly ahead of the writer.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use futures_executor::block_on;
use replayscope_session::Error;
use replayscope_session::environment::{Environment as Shown, Explicit};
use replayscope_session::{Session, TimeAxis, check_times};
use replayscope_zarr::array::Array;
use serde_json::Value;

use super::Frames;
use crate::environment::Environment;
use crate::error::CliError;
use crate::session::{RegularTimes, Times};
use crate::source::open_session;
use crate::writer::Precision;

/// Batches of frames that are read ahead, and bytes of a batch: a chunk may be a gigabyte.
const AHEAD: usize = 2;
const BATCH: usize = 4 << 20;

/// The first field of a session: float32 as the viewer shows it, or float64 where the array is.
pub struct SessionFrames {
    path: PathBuf,
    head: Head,
    batches: Receiver<Result<Vec<u8>, Error>>,
    /// The rest of the last batch.
    left: Vec<u8>,
}

/// Properties that are known before a frame is read.
struct Head {
    frames: u64,
    bins: u64,
    units: Option<String>,
    precision: Precision,
    times: Option<Times>,
    /// `None` where bins and centres do not describe it completely.
    environment: Option<Environment>,
}

impl SessionFrames {
    /// Opens a folder or a file as the viewer does.
    pub fn open(path: &Path, also: &[PathBuf]) -> Result<Self, CliError> {
        let (send, batches) = sync_channel(AHEAD);
        let (send_head, receive_head) = sync_channel(1);
        let (place, also) = (path.to_string_lossy().into_owned(), also.to_vec());
        thread::spawn(move || {
            let opened = read_head(&place, &also);
            let session = match opened {
                Ok((session, head)) => {
                    // The receiver is gone if the command has ended meanwhile.
                    _ = send_head.send(Ok(head));
                    session
                }
                Err(error) => {
                    _ = send_head.send(Err(error));
                    return;
                }
            };
            read_chunks(&session, &send);
        });
        let gone = || CliError::Npy {
            path: path.to_path_buf(),
            what: "reading it stopped".to_owned(),
            how: "Try again.".to_owned(),
        };
        let head = receive_head.recv().map_err(|_| gone())??;
        Ok(Self { path: path.to_path_buf(), head, batches, left: Vec::new() })
    }
}

fn read_head(address: &str, also: &[PathBuf]) -> Result<(Session, Head), CliError> {
    let (session, timed) = match open_session(address, also, None) {
        // The rate is an option of `pack`.
        Err(error) if error.code() == "no-time" => (open_session(address, also, Some(1.0))?, false),
        opened => (opened?, true),
    };
    let field = &session.fields[0].array;
    let head = Head {
        frames: field.frames(),
        bins: field.width() as u64,
        units: session.fields[0].units.clone(),
        precision: if field.is_wide() { Precision::F64 } else { Precision::F32 },
        times: if timed { Some(times(&session)?) } else { None },
        environment: environment(&session.environment)?,
    };
    Ok((session, head))
}

fn times(session: &Session) -> Result<Times, CliError> {
    let axis = match &session.unchecked_time {
        Some(array) => block_on(check_times(array))?,
        None => session.time.clone(),
    };
    match axis {
        TimeAxis::Regular { start, rate, .. } => Ok(Times::Regular(RegularTimes { start, rate })),
        TimeAxis::Irregular { times, .. } => Ok(Times::Stamps(times)),
        axis @ TimeAxis::Partial { .. } => {
            Times::of_stamps((0..axis.frames()).map(|frame| axis.time_of(frame)).collect())
        }
    }
}

/// The environment as bin centres where these give the same bins, else as polygons. `None` where it has more than these can
/// represent.
fn environment(shown: &Shown) -> Result<Option<Environment>, CliError> {
    if !shown.regions.is_empty() || shown.linearised.is_some() {
        return Ok(None);
    }
    let centers: Vec<[f64; 2]> = (0..shown.bins()).map(|bin| shown.center(bin)).collect();
    let again = Shown::from_centers(&centers).map_err(Error::from)?;
    let near = |a: &[[f64; 2]], b: &[[f64; 2]]| {
        a.len() == b.len()
            && a.iter()
                .flatten()
                .zip(b.iter().flatten())
                .all(|(a, b)| (a - b).abs() <= 1e-6 * (1.0 + a.abs()))
    };
    let same = (0..shown.bins()).all(|bin| near(&shown.polygon(bin), &again.polygon(bin)));
    let explicit = || {
        let mut explicit = Explicit { vertices: Vec::new(), offsets: vec![0] };
        for bin in 0..shown.bins() {
            explicit.vertices.extend(shown.polygon(bin));
            explicit.offsets.push(explicit.vertices.len() as u64);
        }
        explicit
    };
    Ok(Some(Environment {
        document: Value::Null,
        centers: centers.iter().map(|center| center.to_vec()).collect(),
        polygons: (!same).then(explicit),
        units: shown.units.clone().unwrap_or_default(),
        name: shown.name.clone().unwrap_or_default(),
    }))
}

fn read_chunks(session: &Session, send: &SyncSender<Result<Vec<u8>, Error>>) {
    let array = &session.fields[0].array;
    for chunk in 0..array.chunks() {
        match read_chunk(array, chunk, &mut |batch| send.send(Ok(batch)).is_ok()) {
            Ok(true) => {}
            // The receiver is gone.
            Ok(false) => return,
            Err(error) => {
                _ = send.send(Err(error));
                return;
            }
        }
    }
}

/// Passes the values of a chunk to `give` in batches. Returns whether all were accepted.
fn read_chunk(array: &Array, chunk: u64, give: &mut dyn FnMut(Vec<u8>) -> bool) -> Result<bool, Error> {
    let encoded = block_on(array.fetch(chunk))?;
    if array.is_wide() {
        let values = array.decode_f64(&encoded)?;
        let mut batches = values.as_slice().unwrap_or_default().chunks(BATCH / size_of::<f64>());
        return Ok(batches.all(|batch| give(batch.iter().flat_map(|value| value.to_le_bytes()).collect())));
    }
    let values = array.decode(&encoded)?.values;
    let of_batch = (BATCH / (array.width() * size_of::<f32>()).max(1)).max(1);
    let mut starts = (0..values.rows()).step_by(of_batch);
    Ok(starts.all(|start| {
        let rows = start..values.rows().min(start + of_batch);
        give(rows.flat_map(|row| values.row(row)).flat_map(f32::to_le_bytes).collect())
    }))
}

impl Frames for SessionFrames {
    fn frames(&self) -> u64 {
        self.head.frames
    }

    fn bins(&self) -> u64 {
        self.head.bins
    }

    fn precision(&self) -> Precision {
        self.head.precision
    }

    fn usual_precision(&self) -> Precision {
        Precision::F32
    }

    fn units(&self) -> Option<String> {
        self.head.units.clone()
    }

    fn read(&mut self, frames: u64, values: &mut Vec<u8>) -> Result<(), CliError> {
        let wanted = (frames * self.head.bins) as usize * self.head.precision.size();
        while self.left.len() < wanted {
            let batch = self.batches.recv().map_err(|_| CliError::Npy {
                path: self.path.clone(),
                what: "it ends before its last frame".to_owned(),
                how: "Copy it again.".to_owned(),
            })??;
            self.left.extend(batch);
        }
        values.clear();
        values.extend(self.left.drain(..wanted));
        Ok(())
    }

    fn times(&self) -> Result<Option<Times>, CliError> {
        Ok(self.head.times.clone())
    }

    fn environment(&self) -> Result<Option<Environment>, CliError> {
        let environment = self.head.environment.clone().ok_or_else(|| CliError::Unsaid {
            path: self.path.clone(),
            what: "its regions and its track as neurospatial wrote them",
            option: "--environment environment.json",
        })?;
        Ok(Some(environment))
    }
}
