//! Decoders' results as xarray writes them: bins by their coordinates, with the bins of several states side by side.
//!
//! `non_local_detector` stacks states and positions into one dimension `state_bins`, with coordinates `state` and
//! `position` or `x_position` and `y_position`; `replay_trajectory_classification` keeps `(time, [state,] x_position,
//! y_position)` or `(time, [state,] position)`. `cf_xarray` writes stacked dimensions compressed by gathering. All are read as a
//! centre of each bin and a list of columns of each state.

use std::rc::Rc;

use replayscope_json::{Json, number};
use replayscope_zarr::array::{Array, ArrayMetadata, COLUMNS, Columns, Group};
use replayscope_zarr::source::ByteSource;

use crate::document::FieldEntry;
use crate::error::{Error, SessionError};
use crate::opening::coordinates::{Coordinates, own_centers};
use crate::opening::gathered::Gathered;
use crate::opening::labels::{self, Labels};
use crate::opening::limits;
use crate::opening::names::{is_over_time, listed};
use crate::opening::request::{Loaded, Request};
use crate::opening::results::{DecoderResults, Picked, States};

/// Names of posteriors; the first of them that a group has is its first field.
pub(super) const PREFERRED: [&str; 4] =
    ["posterior", "acausal_posterior", "causal_posterior", "predictive_posterior"];
/// Names of position coordinates, one value per bin.
const PLACES: [&[&str]; 6] = [
    &["x_position", "y_position"],
    &["position"],
    &["x_position"],
    &["bin_center_x", "bin_center_y"],
    &["x", "y"],
    &["x"],
];
/// Name of the field that sums all states.
const ALL_STATES: &str = "all states";
/// Arrays whose sum over states has no meaning.
const NOT_SUMMED: [&str; 1] = ["log_likelihood"];

/// Recognises a decoder's results in a group; `None` where there are none.
pub(crate) fn results(
    group: &Group,
    root: Rc<dyn ByteSource>,
) -> impl Future<Output = Result<Option<Box<dyn DecoderResults>>, Error>> + use<> {
    let layout = StackedBins::of(group);
    let state = layout.as_ref().and_then(|layout| layout.state.clone());
    let texts =
        state.and_then(|name| Some((group.array(&name).filter(|array| labels::are(array))?.clone(), name)));
    async move {
        let Some(mut layout) = layout else { return Ok(None) };
        if let Some((metadata, name)) = texts {
            layout.texts = labels::read(&root, &name, &metadata).await?;
        }
        Ok(Some(Box::new(layout) as Box<dyn DecoderResults>))
    }
}

/// The layout of a decoder's bins in the columns of its arrays.
#[derive(Debug, Clone, PartialEq)]
struct StackedBins {
    /// The dimensions after time.
    dimensions: Vec<String>,
    /// Names of the position coordinates: x, or x and y.
    places: Vec<String>,
    /// Whether the positions are axes of a grid rather than one value per bin; x varies slowest unless `swapped`.
    axes: bool,
    /// Whether y is the first of the dimensions.
    swapped: bool,
    /// Whether the only position coordinate has its dimension's name and not a usual one, so that it may be a mere index.
    unnamed: bool,
    /// The coordinate of states: one value per column, or one per state where there are `axes`.
    state: Option<String>,
    /// The labels of that coordinate, where it is stored as texts.
    texts: Option<Labels>,
    /// The number of states, where they have a dimension of their own; else 1.
    states: usize,
    /// The levels, where columns are compressed by gathering.
    gathered: Option<Gathered>,
}

impl StackedBins {
    /// The layout that a group's coordinates show; `None` where they show none.
    fn of(group: &Group) -> Option<Self> {
        if own_centers(group).is_some() {
            return None;
        }
        let of_array = |(_, metadata): &(String, ArrayMetadata)| {
            let over_time = is_over_time(metadata) && metadata.dimension(0) == "time";
            over_time.then(|| Self::of_array(group, metadata)).flatten()
        };
        let preferred = group.arrays.iter().filter(|(name, _)| PREFERRED.contains(&name.as_str()));
        preferred.chain(&group.arrays).find_map(of_array)
    }

    fn of_array(group: &Group, metadata: &ArrayMetadata) -> Option<Self> {
        let dimensions: Vec<String> =
            (1..metadata.shape.len()).map(|at| metadata.dimension(at).to_owned()).collect();
        let over = |name: &str, dimension: &str| {
            group.array(name).is_some_and(|array| {
                array.shape.len() == 1 && array.dimension(0) == dimension && array.dtype().is_ok()
            })
        };
        let says = |name: &str, dimension: &str| {
            group.array(name).is_some_and(|array| array.dimension(0) == dimension && labels::are(array))
        };
        if let [only] = &dimensions[..] {
            let stacked = |places: &[&str], state: Option<String>, gathered: Option<Gathered>| Self {
                dimensions: dimensions.clone(),
                places: places.iter().map(|name| (*name).to_owned()).collect(),
                axes: false,
                swapped: false,
                unnamed: places == [only.as_str()],
                state,
                texts: None,
                states: 1,
                gathered,
            };
            if let Some(gathered) = Gathered::of(group, only) {
                let (places, state) = gathered.roles(&PLACES, is_state)?;
                return Some(stacked(places, state, Some(gathered)));
            }
            let state = (over("state", only) || says("state", only)).then(|| "state".to_owned());
            if let Some(places) = PLACES.iter().find(|names| names.iter().all(|name| over(name, only)))
                && !places.contains(&only.as_str())
            {
                return Some(stacked(places, state, None));
            }
            if state.is_some() && !is_state(only) && over(only, only) {
                return Some(stacked(&[only], state, None));
            }
        }
        // The coordinate along an axis; one with a usual name precedes one that may be a mere index.
        let named = |dimension: &str| PLACES.concat().into_iter().find(|name| over(name, dimension));
        let place = |dimension: &String| {
            let name =
                named(dimension).or_else(|| over(dimension, dimension).then_some(dimension.as_str()))?;
            Gathered::of(group, dimension).is_none().then(|| name.to_owned())
        };
        let (state, mut places) = match &dimensions[..] {
            [x, y] if !is_state(x) && place(x).is_some() => (None, vec![place(x)?, place(y)?]),
            [state, x, y] => (Some(state), vec![place(x)?, place(y)?]),
            [state, x] => (Some(state), vec![place(x)?]),
            [x] if !is_state(x) => (None, vec![place(x)?]),
            _ => return None,
        };
        let is_of = |name: &str, axis: char| {
            name.starts_with(axis) || name.strip_suffix(axis).is_some_and(|name| name.ends_with('_'))
        };
        let swapped = places.len() == 2 && is_of(&places[0], 'y') && is_of(&places[1], 'x');
        if swapped {
            places.reverse();
        }
        let states = if state.is_some() { metadata.shape[1] as usize } else { 1 };
        let (state, texts, gathered) = (state.cloned(), None, None);
        let unnamed = places.len() == 1 && !PLACES.concat().contains(&places[0].as_str());
        Some(Self { places, axes: true, swapped, unnamed, state, texts, states, dimensions, gathered })
    }
}

/// Whether a dimension is one of states.
fn is_state(name: &str) -> bool {
    matches!(name, "state" | "states")
}

impl DecoderResults for StackedBins {
    fn holds(&self, metadata: &ArrayMetadata) -> bool {
        is_over_time(metadata)
            && metadata.shape.len() == self.dimensions.len() + 1
            && self.dimensions.iter().enumerate().all(|(at, name)| metadata.dimension(at + 1) == name)
    }

    fn coordinates(&self) -> Coordinates {
        let column =
            |name: Option<&String>| name.map_or_else(Request::nothing, |name| Request::column(name)).into();
        let state = self.state.as_ref().filter(|_| self.texts.is_none());
        let index = self.gathered.as_ref().map(|gathered| &gathered.index);
        Coordinates {
            x: column(self.places.first()),
            y: column(self.places.get(1)),
            state: column(state),
            index: column(index),
        }
    }

    fn states(
        &self,
        coordinates: &Coordinates,
        notes: &mut Vec<String>,
    ) -> Result<Box<dyn States>, SessionError> {
        let Coordinates { x, y, state, index } = coordinates;
        let (mut xs, mut ys) = (x.loaded.values(), y.loaded.values());
        let Labels { mut codes, distinct: labels } = match &self.texts {
            Some(texts) => texts.clone(),
            None => Labels { codes: state.loaded.values(), distinct: labels(&state.loaded) },
        };
        if let Some(gathered) = &self.gathered {
            let index = index.loaded.values();
            let levels =
                self.places.iter().zip([&mut xs, &mut ys]).chain(self.state.iter().zip([&mut codes]));
            for (level, values) in levels {
                *values = gathered.spread(level, values, &index)?;
            }
        }
        if self.unnamed && xs.len() > 1 && counts(&x.loaded, &xs) {
            let ends = xs.iter().fold([f64::MAX, f64::MIN], |[low, high], x| [low.min(*x), high.max(*x)]);
            let [low, high] = ends.map(number::text);
            notes.push(format!(
                "Only `{}` gives the positions of the bins, and it is an index: whole numbers from {low} to {high}.",
                self.places[0]
            ));
        }
        // Every pair of axis values is a bin, and metadata may claim any number of states.
        let across = if self.axes && self.places.len() == 2 { ys.len() } else { 1 };
        limits::states(self.state.as_deref().unwrap_or("state"), self.states)?;
        limits::bins(&self.places[0], (xs.len() as u64).saturating_mul((across * self.states) as u64))?;
        let mut centers: Vec<[f64; 2]> = Vec::new();
        match (self.axes, self.places.len(), self.swapped) {
            (_, 1, _) => centers.extend(xs.iter().map(|x| [*x, 0.0])),
            (false, _, _) if xs.len() == ys.len() => {
                centers.extend(xs.iter().zip(&ys).map(|(x, y)| [*x, *y]));
            }
            (false, ..) => {
                return Err(SessionError::Shape {
                    name: self.places[1].clone(),
                    shape: format!("[{}]", ys.len()),
                    needed: format!("{} has {}; both must have one value per bin", self.places[0], xs.len()),
                });
            }
            (true, _, false) => centers.extend(xs.iter().flat_map(|x| ys.iter().map(|y| [*x, *y]))),
            (true, _, true) => centers.extend(ys.iter().flat_map(|y| xs.iter().map(|x| [*x, *y]))),
        }
        let bins = centers.len();
        let lists: Vec<(String, Vec<usize>)> = match (self.axes, &self.state) {
            (true, None) => vec![(String::new(), (0..bins).collect())],
            (true, Some(_)) => {
                let name = |at: usize| label(&labels, codes.get(at).copied(), at);
                (0..self.states).map(|at| (name(at), (at * bins..(at + 1) * bins).collect())).collect()
            }
            (false, _) if codes.len() == bins => by_code(&codes, &labels)?,
            (false, _) => by_repeats(&centers),
        };
        let places = |columns: &[usize]| columns.iter().map(|column| centers[*column]).collect::<Vec<_>>();
        let alike = |lists: &[(String, Vec<usize>)]| {
            lists.windows(2).all(|pair| same(&places(&pair[0].1), &places(&pair[1].1)))
        };
        let lists = if self.axes || !self.unnamed || alike(&lists) {
            lists
        } else {
            let names = listed(&mut lists.iter().map(|(name, _)| name.clone()));
            notes.push(format!(
                "The states ({names}) are not separated: it is not known which bins of one correspond to those of another. \
                 All are shown side by side."
            ));
            vec![(String::new(), (0..bins).collect())]
        };
        let of_column = |column: usize| centers[column % bins.max(1)];
        Ok(Box::new(StateColumns::new(lists, of_column, self.axes, notes)?))
    }
}

/// Whether values along a dimension are a mere index: integers, or 0, 1, 2, ….
fn counts(coordinate: &Loaded, values: &[f64]) -> bool {
    let dtype = coordinate.array.as_ref().and_then(|array| array.metadata().dtype().ok());
    dtype.is_some_and(|dtype| !dtype.is_float())
        || (0_u32..).zip(values).all(|(at, value)| value.to_bits() == f64::from(at).to_bits())
}

/// The columns of each state, in the order in which the states first appear.
fn by_code(codes: &[f64], labels: &[String]) -> Result<Vec<(String, Vec<usize>)>, SessionError> {
    let mut found: Vec<(u64, Vec<usize>)> = Vec::new();
    for (column, code) in codes.iter().enumerate() {
        match found.iter_mut().find(|(known, _)| *known == code.to_bits()) {
            Some((_, columns)) => columns.push(column),
            None => found.push((code.to_bits(), vec![column])),
        }
        limits::states("state", found.len())?;
    }
    let named = found.into_iter().enumerate();
    Ok(named.map(|(at, (code, columns))| (label(labels, Some(f64::from_bits(code)), at), columns)).collect())
}

/// The columns of each state where nothing names the states: a new one begins where the positions repeat.
fn by_repeats(centers: &[[f64; 2]]) -> Vec<(String, Vec<usize>)> {
    let all = centers.len();
    let period = (1..all).find(|at| same(&centers[..1], &centers[*at..=*at])).unwrap_or(all);
    if period == all
        || all / period > limits::STATES
        || !centers.chunks(period).all(|places| same(places, &centers[..period]))
    {
        return vec![(String::new(), (0..all).collect())];
    }
    (0..all / period).map(|at| (format!("state {at}"), (at * period..(at + 1) * period).collect())).collect()
}

fn label(labels: &[String], code: Option<f64>, at: usize) -> String {
    let named = code.and_then(|code| labels.get(code as usize));
    named.cloned().unwrap_or_else(|| format!("state {}", code.unwrap_or(at as f64) as i64))
}

/// The labels of a coordinate of integer codes, from its attribute `labels`.
fn labels(state: &Loaded) -> Vec<String> {
    let attributes = state.array.as_ref().map(|array| &array.metadata().attributes);
    let list = attributes.and_then(|attributes| attributes.get("labels")?.as_array());
    list.unwrap_or_default().iter().filter_map(|label| label.as_str().map(str::to_owned)).collect()
}

/// The columns of the states that have the same bins as the first one.
struct StateColumns {
    /// The centre of each bin.
    centers: Vec<[f64; 2]>,
    /// Name and columns of each state; at least one.
    lists: Vec<(String, Vec<usize>)>,
    /// The number of columns of the stored array.
    stored: usize,
}

impl StateColumns {
    /// Leaves out bins without a position, and states whose bins differ from the first one's; a note names each.
    fn new(
        lists: Vec<(String, Vec<usize>)>,
        of_column: impl Fn(usize) -> [f64; 2],
        axes: bool,
        notes: &mut Vec<String>,
    ) -> Result<Self, SessionError> {
        let stored = lists.iter().map(|(_, columns)| columns.len()).sum();
        let mut kept: Vec<(String, Vec<usize>)> = Vec::new();
        let mut centers: Vec<[f64; 2]> = Vec::new();
        for (name, columns) in lists {
            let all = columns.len();
            let placed: Vec<usize> = columns
                .into_iter()
                .filter(|column| axes || of_column(*column).iter().all(|value| !value.is_nan()))
                .collect();
            if placed.len() < all {
                let without = all - placed.len();
                notes.push(match (placed.is_empty(), name.as_str()) {
                    (true, name) => format!("State `{name}` has no bin with a position and is not shown."),
                    (false, "") => format!("{without} of {all} bins have no position and are left out."),
                    (false, name) => {
                        format!(
                            "{without} of {all} bins of state `{name}` have no position and are left out."
                        )
                    }
                });
            }
            if placed.is_empty() {
                continue;
            }
            let own: Vec<[f64; 2]> = placed.iter().map(|column| of_column(*column)).collect();
            if kept.is_empty() {
                centers = own;
            } else if !same(&own, &centers) {
                notes.push(format!(
                    "State `{name}` has different bins from `{}` and is not shown.",
                    kept[0].0
                ));
                continue;
            }
            kept.push((name, placed));
        }
        if kept.is_empty() {
            Err(SessionError::NoGeometry)
        } else {
            Ok(Self { centers, lists: kept, stored })
        }
    }
}

impl States for StateColumns {
    fn centers(&self) -> &[[f64; 2]] {
        &self.centers
    }

    fn fields(&self, entry: &FieldEntry, array: &Rc<Array>, first: bool) -> Result<Vec<Picked>, Error> {
        if array.width() != self.stored {
            let environment = self.stored;
            return Err(SessionError::BinCount {
                field: entry.name.clone(),
                bins: array.width(),
                environment,
            }
            .into());
        }
        let whole = self.lists.len() == 1 && self.lists[0].1.iter().copied().eq(0..self.stored);
        if whole {
            return Ok(vec![(entry.name.clone(), array.clone())]);
        }
        let named = |state: &str| if first { state.to_owned() } else { format!("{}: {state}", entry.name) };
        let pick =
            |name: String, lists: &[Vec<usize>]| Ok::<Picked, Error>((name, Rc::new(picked(array, lists)?)));
        if let [(_, columns)] = &self.lists[..] {
            return Ok(vec![pick(entry.name.clone(), std::slice::from_ref(columns))?]);
        }
        let mut fields = Vec::new();
        if !NOT_SUMMED.contains(&array.path()) {
            let all: Vec<Vec<usize>> = self.lists.iter().map(|(_, columns)| columns.clone()).collect();
            fields.push(pick(named(ALL_STATES), &all)?);
        }
        for (state, columns) in &self.lists {
            fields.push(pick(named(state), std::slice::from_ref(columns))?);
        }
        Ok(fields)
    }
}

/// A view of the array with these columns; several lists are summed.
fn picked(array: &Array, lists: &[Vec<usize>]) -> Result<Array, Error> {
    let mut metadata = array.metadata().clone();
    let columns = (COLUMNS.to_owned(), Columns::to_json(lists));
    let mut attributes = metadata.attributes.as_object().unwrap_or_default().to_vec();
    attributes.push(columns);
    metadata.set_attributes(Json::Object(attributes));
    Ok(array.with_metadata(metadata)?)
}

/// Whether positions are bitwise equal, in the same order.
fn same(a: &[[f64; 2]], b: &[[f64; 2]]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.map(f64::to_bits) == b.map(f64::to_bits))
}
