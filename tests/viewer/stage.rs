//! A viewer, and a source whose reads complete only when the test says so.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_executor::{LocalPool, block_on};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::task::LocalSpawnExt;
use replayscope_session as session;
use replayscope_session::projection::Projection;
use replayscope_viewer::chunk::{Arrival, Loader, Platform};
use replayscope_viewer::{CanvasSize, Event, SeekAnswer, Target, Viewer, fold};
use replayscope_zarr::source::{ByteSource, MemorySource, SourceError, Span};
use serde_json::{Value, json};

const CHUNK: u64 = 10;

/// A session of four bins, raw bytes, one object a chunk.
pub struct Made {
    pub frames: u64,
    pub bins: u64,
    pub document: Value,
    /// What (frame, bin) holds.
    pub value: fn(u64, u64) -> f32,
    /// Attributes of the field.
    pub attributes: Value,
    /// Frames in a block of each pooled level, and rows in a chunk of all of them.
    pub pools: Vec<u64>,
    /// What the levels say of the limits of all frames.
    pub limits: Value,
    /// Bytes of decoded chunks that may be kept.
    pub budget: u64,
    /// x of each bin, and y.
    pub centers: [[f64; 4]; 2],
    /// When each frame is, and in chunks of how many stamps that is stored; else the document says it.
    pub times: Option<(Vec<f64>, u64)>,
}

impl Made {
    pub fn of(frames: u64) -> Self {
        let value = |frame, bin| (frame * 100 + bin) as f32;
        let centers = [[0.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]];
        let (document, pools) = (document(), Vec::new());
        let (attributes, limits) = (json!({}), Value::Null);
        Self {
            frames,
            bins: 4,
            document,
            value,
            attributes,
            pools,
            limits,
            budget: 1 << 20,
            centers,
            times: None,
        }
    }

    fn rows(&self, pool: u64, chunk: u64) -> Vec<u8> {
        let rows = chunk * CHUNK..(chunk + 1) * CHUNK;
        let value = |row: u64, bin: u64| {
            let block = row * pool..((row + 1) * pool).min(self.frames);
            Projection::Max.of(block.map(|frame| (self.value)(frame, bin)))
        };
        rows.flat_map(|row| (0..self.bins).flat_map(move |bin| value(row, bin).to_le_bytes())).collect()
    }

    pub fn objects(&self) -> BTreeMap<String, Vec<u8>> {
        let array = |shape: Value, chunk: Value, dtype: &str, names: Value, attributes: Value| {
            json!({"zarr_format": 3, "node_type": "array", "shape": shape, "data_type": dtype, "dimension_names": names,
                "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
                "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
                "fill_value": 0, "codecs": [{"name": "bytes", "configuration": {"endian": "little"}}],
                "attributes": attributes})
        };
        let mut arrays = serde_json::Map::new();
        let mut objects = BTreeMap::new();
        let levels = (1..).zip(&self.pools).map(|(level, pool)| (format!("posterior_max/{level}"), *pool));
        for (name, pool) in [("posterior".to_owned(), 1)].into_iter().chain(levels) {
            let (rows, time) = (self.frames.div_ceil(pool), if pool == 1 { "time" } else { "block" });
            let attributes = match pool {
                1 => self.attributes.clone(),
                pool => {
                    let pooling = json!({"of": "posterior", "method": "max", "frames": pool});
                    json!({"pooling": pooling, "limits": self.limits})
                }
            };
            let metadata = array(
                json!([rows, self.bins]),
                json!([CHUNK, self.bins]),
                "float32",
                json!([time, "bin"]),
                attributes,
            );
            arrays.insert(name.clone(), metadata);
            objects.extend(
                (0..rows.div_ceil(CHUNK))
                    .map(|chunk| (format!("{name}/c/{chunk}/0"), self.rows(pool, chunk))),
            );
        }
        for (name, values) in ["bin_center_x", "bin_center_y"].into_iter().zip(self.centers) {
            arrays
                .insert(name.to_owned(), array(json!([4]), json!([4]), "float64", json!(["bin"]), json!({})));
            objects
                .insert(format!("{name}/c/0"), values.iter().flat_map(|value| value.to_le_bytes()).collect());
        }
        if let Some((times, rows)) = &self.times {
            let metadata =
                array(json!([times.len()]), json!([rows]), "float64", json!(["time"]), json!({"units": "s"}));
            arrays.insert("time".to_owned(), metadata);
            for (chunk, stamps) in (0..).zip(times.chunks(*rows as usize)) {
                let mut bytes: Vec<u8> = stamps.iter().flat_map(|stamp| stamp.to_le_bytes()).collect();
                bytes.resize(*rows as usize * 8, 0);
                objects.insert(format!("time/c/{chunk}"), bytes);
            }
        }
        let group = json!({"zarr_format": 3, "node_type": "group",
            "attributes": {"units": "cm", "replayscope": self.document},
            "consolidated_metadata": {"kind": "inline", "must_understand": false, "metadata": arrays}});
        objects.insert("zarr.json".to_owned(), group.to_string().into_bytes());
        objects
    }
}

pub fn document() -> Value {
    json!({"version": 1, "name": "test", "time": {"start": 0.0, "rate": 100.0}})
}

#[derive(Default)]
pub struct Desk {
    /// Reads waiting for an answer, in the order asked.
    open: Vec<(String, oneshot::Sender<Result<(), SourceError>>)>,
    pub asked: Vec<String>,
}

/// Metadata and coordinates come at once; chunks of the posterior when the test says so.
pub struct ByHand {
    pub inner: MemorySource,
    pub desk: Rc<RefCell<Desk>>,
}

impl ByteSource for ByHand {
    fn read<'a>(&'a self, key: &'a str, span: Span) -> LocalBoxFuture<'a, Result<Vec<u8>, SourceError>> {
        if !key.starts_with("posterior") {
            return self.inner.read(key, span);
        }
        let (send, receive) = oneshot::channel();
        self.desk.borrow_mut().asked.push(key.to_owned());
        self.desk.borrow_mut().open.push((key.to_owned(), send));
        async move {
            receive.await.expect("the test drops no answer")?;
            self.inner.read(key, span).await
        }
        .boxed_local()
    }
    fn size<'a>(&'a self, key: &'a str) -> LocalBoxFuture<'a, Result<u64, SourceError>> {
        self.inner.size(key)
    }
    fn open(&self, reference: &str) -> Result<Rc<dyn ByteSource>, SourceError> {
        self.inner.open(reference)
    }
    fn location(&self, key: &str) -> String {
        self.inner.location(key)
    }
}

pub struct Stage {
    pub viewer: Rc<RefCell<Viewer>>,
    desk: Rc<RefCell<Desk>>,
    pool: LocalPool,
    pub events: Vec<Event>,
    pub first: SeekAnswer,
}

/// How to play; a state's patch without what is `None`.
#[derive(Debug, Clone, Default)]
pub struct PlayOptions {
    pub speed: Option<f64>,
    pub loop_mode: Option<String>,
    pub projection: Option<String>,
    pub pace: Option<String>,
    pub backward: bool,
}

impl Stage {
    pub fn play(&self, now: f64, options: &PlayOptions) {
        let PlayOptions { speed, loop_mode, projection, pace, backward } = options;
        let patch = json!({"speed": speed, "loop": loop_mode, "projection": projection, "pace": pace});
        let mut viewer = self.viewer.borrow_mut();
        viewer.set_state(&patch.into());
        viewer.play(now, *backward);
    }
    pub fn new(frames: u64) -> Self {
        Self::with(&Made::of(frames))
    }

    pub fn with(made: &Made) -> Self {
        let desk = Rc::new(RefCell::new(Desk::default()));
        let source = ByHand { inner: MemorySource::new(made.objects()), desk: desk.clone() };
        let session =
            block_on(session::open(Rc::new(source), replayscope_session::Opening::default())).unwrap();
        let viewer = Rc::new(RefCell::new(Viewer::default()));
        let pool = LocalPool::new();
        let spawner = pool.spawner();
        let arrived = {
            let viewer = viewer.clone();
            move |arrival: Arrival| viewer.borrow_mut().arrived(&arrival)
        };
        let spawn = move |future| spawner.spawn_local(future).unwrap();
        let platform = Platform::inline(Rc::new(spawn), || 0.0);
        let loader = Loader::new(session.arrays(), made.budget, platform, Rc::new(arrived));
        viewer.borrow_mut().resize(CanvasSize { css: [100.0, 100.0], dpr: 1.0 });
        let first = viewer.borrow_mut().install(session, "memory:".into(), loader);
        let mut stage = Self { viewer, desk, pool, events: Vec::new(), first };
        stage.settle();
        stage
    }

    /// Runs all tasks until they wait for the desk, then draws as an animation frame would.
    pub fn settle(&mut self) {
        self.pool.run_until_stalled();
        let mut viewer = self.viewer.borrow_mut();
        if let Some(drawing) = viewer.next_drawing()
            && let Some(picture) = viewer.presented(drawing.request)
        {
            viewer.accepted(picture);
        }
        drop(viewer);
        self.pool.run_until_stalled();
        self.events.extend(self.viewer.borrow_mut().take_events());
    }

    /// Chunks of an array asked for and neither answered nor aborted, in the order asked.
    pub fn waiting_of(&self, array: &str) -> Vec<u64> {
        let desk = self.desk.borrow();
        let open = desk.open.iter().filter(|(_, send)| !send.is_canceled());
        let chunks =
            open.filter_map(|(key, _)| key.strip_prefix(array)?.strip_prefix("/c/")?.split('/').next());
        chunks.map(|chunk| chunk.parse().unwrap()).collect()
    }

    /// Those of the posterior itself.
    pub fn waiting(&self) -> Vec<u64> {
        self.waiting_of("posterior")
    }

    /// All that was asked for, in order.
    pub fn asked(&self) -> Vec<String> {
        self.desk.borrow().asked.clone()
    }

    pub fn answer(&mut self, chunk: u64, answer: Result<(), SourceError>) {
        self.answer_of("posterior", chunk, answer);
    }

    pub fn answer_of(&mut self, array: &str, chunk: u64, answer: Result<(), SourceError>) {
        let key = format!("{array}/c/{chunk}/0");
        let mut desk = self.desk.borrow_mut();
        let place = desk.open.iter().position(|(other, send)| *other == key && !send.is_canceled());
        let (_, send) = desk.open.remove(place.unwrap_or_else(|| panic!("{key} was not asked for")));
        drop(desk);
        send.send(answer).unwrap();
        self.settle();
    }

    pub fn answer_all(&mut self) {
        loop {
            let open = self
                .desk
                .borrow()
                .open
                .iter()
                .find(|(_, send)| !send.is_canceled())
                .map(|(key, _)| key.clone());
            let Some(key) = open else { break };
            let (array, chunk) = key.split_once("/c/").unwrap();
            self.answer_of(array, chunk.split('/').next().unwrap().parse().unwrap(), Ok(()));
        }
    }

    /// All that is asked for comes, between two animation frames: nothing is drawn.
    pub fn arrive_all(&mut self) {
        loop {
            self.pool.run_until_stalled();
            let open = std::mem::take(&mut self.desk.borrow_mut().open);
            if open.is_empty() {
                break;
            }
            for (_, send) in open {
                let _ = send.send(Ok(()));
            }
        }
    }

    pub fn seek(&mut self, frame: u64) -> SeekAnswer {
        let answer = self.viewer.borrow_mut().seek(Target::Frame(frame as f64));
        self.settle();
        answer
    }

    pub fn tick(&mut self, now: f64) {
        self.viewer.borrow_mut().tick(now);
        self.settle();
    }

    /// The frames that events reported as shown, with whether each was the requested one.
    pub fn frames(&self) -> Vec<(u64, bool)> {
        let frame = |event: &Event| match event {
            Event::Frame { frame, exact, .. } => Some((*frame, *exact)),
            _ => None,
        };
        self.events.iter().filter_map(frame).collect()
    }

    /// What is on screen of each bin: what the GPU makes of what it is given.
    pub fn row(&self) -> Vec<f32> {
        let drawing = self.viewer.borrow_mut().drawing_at([10, 10]);
        let pass = &drawing.picture.fields[0];
        let parts = || pass.frames.iter().zip(&drawing.blocks);
        let bins = drawing.blocks[0].chunk.values.bins();
        let mut projections = Projection::NAMES.into_iter().map(|(_, projection)| projection);
        let projection = projections.find(|projection| fold(*projection) == pass.fold).unwrap();
        let of = |bin: usize| {
            projection.of(parts().flat_map(|(frames, block)| {
                let rows = frames.rows.clone().map(|row| block.rows.start + row as usize);
                rows.map(move |row| block.chunk.values.get(row, bin).unwrap())
            }))
        };
        (0..bins).map(of).collect()
    }

    /// How many rows of values the picture on screen is made of.
    pub fn rows(&self) -> usize {
        self.viewer.borrow_mut().drawing_at([10, 10]).picture.fields[0]
            .frames
            .iter()
            .map(|frames| frames.rows.len())
            .sum()
    }
}
