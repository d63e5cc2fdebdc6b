//! neurospatial's `Graph`: the bins of a track, in space along its edges, and linearised side by side.

use std::rc::Rc;

use replayscope_zarr::argsort::sorted;

use crate::environment::bounds::Bounds;
use crate::environment::cells::Cells;
use crate::environment::clip::{clip, weld};
use crate::environment::grid::Grid;
use crate::environment::polygons::Polygons;

/// Width of a drawn track in bin lengths; the session does not store a width.
const WIDTH: f64 = 2.0;
/// Height of the linearised bins, as a share of their total length.
const HEIGHT: f64 = 1.0 / 12.0;
/// Largest distance of a corner from its node, in half widths.
const MITRE: f64 = 2.0;

/// An edge of a track: a straight section between two nodes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Edge {
    /// Indices of the two nodes.
    pub nodes: [usize; 2],
    /// Positions of the nodes.
    pub ends: [[f64; 2]; 2],
    /// Linearised position of the first node.
    pub start: f64,
}

/// Edges and bins of a track; lengths in environment units.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    /// The edges, in the order of their linearised positions.
    pub edges: Vec<Edge>,
    /// Limits of bins and gaps: ascending linearised positions.
    pub lines: Vec<f64>,
    /// The interval between lines of each bin.
    pub bins: Vec<u32>,
}

impl Edge {
    fn length(&self) -> f64 {
        let [a, b] = self.ends;
        ((b[0] - a[0]).powi(2) + (b[1] - a[1]).powi(2)).sqrt()
    }

    /// Unit vector from the first node to the second.
    fn direction(&self) -> [f64; 2] {
        let length = self.length();
        [0, 1].map(|axis| (self.ends[1][axis] - self.ends[0][axis]) / length)
    }

    /// The position in space of a linearised position.
    fn at(&self, position: f64) -> [f64; 2] {
        let share = (position - self.start) / self.length();
        [0, 1].map(|axis| self.ends[0][axis] + (self.ends[1][axis] - self.ends[0][axis]) * share)
    }

    /// The share of the edge's length at its nearest point to a position, and the squared distance.
    fn nearest(&self, [x, y]: [f64; 2]) -> (f64, f64) {
        let [a, b] = self.ends;
        let span = [b[0] - a[0], b[1] - a[1]];
        let along = (x - a[0]) * span[0] + (y - a[1]) * span[1];
        let share = (along / (span[0].powi(2) + span[1].powi(2))).clamp(0.0, 1.0);
        let away = [a[0] + span[0] * share - x, a[1] + span[1] * share - y];
        (share, away[0].powi(2) + away[1].powi(2))
    }
}

impl Track {
    /// A track of edges in the order `order`, with `gaps` between them. As in neurospatial's `GraphLayout`, each edge is divided into the
    /// fewest equal bins that are not longer than `bin_size`; an edge without length has one. `None` for more than `most` bins.
    pub fn new(
        order: &[([usize; 2], [[f64; 2]; 2])],
        gaps: &[f64],
        bin_size: f64,
        most: usize,
    ) -> Option<Self> {
        let mut track = Self { edges: Vec::new(), lines: Vec::new(), bins: Vec::new() };
        let mut cursor = 0.0;
        for (i, (nodes, ends)) in order.iter().enumerate() {
            let edge = Edge { nodes: *nodes, ends: *ends, start: cursor };
            let length = edge.length();
            let count = (length / bin_size).ceil().max(1.0);
            if count > (most - track.bins.len()) as f64 {
                return None;
            }
            for n in 0..count as u32 {
                track.bins.push(track.lines.len() as u32);
                track.lines.push(cursor + length * f64::from(n) / count);
            }
            cursor += length;
            track.edges.push(edge);
            if let Some(gap) = gaps.get(i).filter(|gap| **gap > 0.0) {
                track.lines.push(cursor);
                cursor += gap;
            }
        }
        track.lines.push(cursor);
        Some(track)
    }

    /// Linearised start and end of a bin.
    fn ends(&self, bin: usize) -> [f64; 2] {
        let line = self.bins[bin] as usize;
        [self.lines[line], self.lines[line + 1]]
    }

    /// The edge that a bin is on.
    fn edge(&self, bin: usize) -> &Edge {
        let [low, high] = self.ends(bin);
        let after = self.edges.partition_point(|edge| edge.start <= f64::midpoint(low, high));
        &self.edges[after.saturating_sub(1)]
    }

    /// Half of the drawn width, limited so that edges which do not meet do not touch.
    fn half_width(&self) -> f64 {
        let lengths: Vec<f64> = (0..self.bins.len()).map(|bin| self.ends(bin)).map(|[a, b]| b - a).collect();
        let usual = sorted(&lengths).get(lengths.len() / 2).copied().unwrap_or(1.0);
        let mut half = WIDTH * usual / 2.0;
        for (i, a) in self.edges.iter().enumerate() {
            for b in &self.edges[i + 1..] {
                // Edges that cross overlap at any width; the later one is on top.
                let apart = distance(a, b);
                if a.nodes.iter().all(|node| !b.nodes.contains(node)) && apart > 0.0 {
                    half = half.min(0.49 * apart);
                }
            }
        }
        half
    }

    /// The polygons of the bins in space: each a section of its edge; where edges meet, they are cut along the bisector.
    pub fn cells(&self) -> Polygons {
        let half = self.half_width();
        let mut cells: Vec<Vec<[f64; 2]>> = (0..self.bins.len()).map(|bin| self.cell(bin, half)).collect();
        weld(&mut cells);
        Polygons::new(cells)
    }

    fn cell(&self, bin: usize, half: f64) -> Vec<[f64; 2]> {
        let edge = self.edge(bin);
        let [low, high] = self.ends(bin);
        let length = edge.length();
        if length == 0.0 {
            let [x, y] = edge.ends[0];
            return vec![
                [x - half, y - half],
                [x + half, y - half],
                [x + half, y + half],
                [x - half, y + half],
            ];
        }
        let along = edge.direction();
        let across = [-along[1] * half, along[0] * half];
        let corner = |position: f64, beyond: f64, side: f64| {
            let place = edge.at(position);
            [0, 1].map(|axis| place[axis] + along[axis] * beyond + across[axis] * side)
        };
        // Where other edges meet, the last bin is extended to them.
        let reach = |end: usize, at_end: bool| {
            let met = self.others(edge, end).next().is_some();
            if at_end && met { MITRE * half } else { 0.0 }
        };
        let rounding = 1e-9 * length;
        let before = -reach(0, low - edge.start <= rounding);
        let after = reach(1, edge.start + length - high <= rounding);
        let mut cell = vec![
            corner(low, before, -1.0),
            corner(high, after, -1.0),
            corner(high, after, 1.0),
            corner(low, before, 1.0),
        ];
        for end in 0..2 {
            let away = if end == 0 { along } else { along.map(|v| -v) };
            let others: Vec<[f64; 2]> = self.others(edge, end).collect();
            for other in others.iter().filter(|other| is_beside(away, **other, &others)) {
                // The bisector of two unit vectors is perpendicular to their difference.
                let normal = [away[0] - other[0], away[1] - other[1]];
                if normal != [0.0, 0.0] {
                    cell = clip(&cell, edge.ends[end], normal);
                }
            }
        }
        cell
    }

    /// Directions of the other edges at one end of an edge, away from it.
    fn others<'a>(&'a self, edge: &'a Edge, end: usize) -> impl Iterator<Item = [f64; 2]> + 'a {
        let node = edge.nodes[end];
        self.edges.iter().filter(move |other| *other != edge && other.length() > 0.0).filter_map(
            move |other| match other.nodes.iter().position(|n| *n == node)? {
                0 => Some(other.direction()),
                _ => Some(other.direction().map(|v| -v)),
            },
        )
    }

    /// The linearised polygons of the bins, side by side.
    pub fn strip(&self) -> Option<Strip> {
        let length = self.lines.last()? - self.lines.first()?;
        let half = length * HEIGHT / 2.0;
        let cells = self.bins.iter().map(|line| Some([*line, 0])).collect();
        let grid = Grid::new(self.lines.clone(), vec![-half, half], cells)?;
        Some(Strip { grid, edges: self.edges.clone() })
    }
}

/// Whether a direction is adjacent to another among all directions at a node.
fn is_beside(from: [f64; 2], to: [f64; 2], all: &[[f64; 2]]) -> bool {
    // Increases with the counter-clockwise angle from `from`, from 0 to 4.
    let turn = |to: [f64; 2]| {
        let cos = from[0] * to[0] + from[1] * to[1];
        if from[0] * to[1] - from[1] * to[0] >= 0.0 { 1.0 - cos } else { 3.0 + cos }
    };
    let least = all.iter().map(|other| turn(*other)).fold(f64::INFINITY, f64::min);
    let most = all.iter().map(|other| turn(*other)).fold(0.0, f64::max);
    turn(to) <= least || turn(to) >= most
}

/// The distance between two edges; 0 where they cross.
fn distance(a: &Edge, b: &Edge) -> f64 {
    let side = |edge: &Edge, place: [f64; 2]| {
        let [from, to] = edge.ends;
        (to[0] - from[0]) * (place[1] - from[1]) - (to[1] - from[1]) * (place[0] - from[0])
    };
    let apart = |one: &Edge, other: &Edge| side(one, other.ends[0]) * side(one, other.ends[1]) > 0.0;
    if !apart(a, b) && !apart(b, a) && side(a, b.ends[0]) != 0.0 {
        return 0.0;
    }
    let ends = [(a, b.ends[0]), (a, b.ends[1]), (b, a.ends[0]), (b, a.ends[1])];
    ends.map(|(edge, place)| edge.nearest(place).1).into_iter().fold(f64::INFINITY, f64::min).sqrt()
}

/// A track's linearised bins, side by side; x is the linearised position.
#[derive(Debug, Clone)]
pub(super) struct Strip {
    grid: Grid,
    edges: Vec<Edge>,
}

impl Cells for Strip {
    fn polygon(&self, bin: usize) -> Vec<[f64; 2]> {
        self.grid.polygon(bin)
    }

    fn bin_at(&self, x: f64, y: f64) -> Option<usize> {
        self.grid.bin_at(x, y)
    }

    fn bounds(&self) -> Bounds {
        self.grid.bounds()
    }

    fn is_upright(&self) -> bool {
        true
    }

    /// The linearised position of the nearest point on the track.
    fn place(&self, position: [f64; 2]) -> [f64; 2] {
        let found = self.edges.iter().map(|edge| (edge, edge.nearest(position)));
        let nearest = found.min_by(|(_, (_, a)), (_, (_, b))| a.total_cmp(b));
        nearest.map_or([f64::NAN; 2], |(edge, (share, _))| [edge.start + share * edge.length(), 0.0])
    }
}

impl Track {
    /// Both views of it.
    pub fn views(&self) -> (Rc<dyn Cells>, Option<Rc<dyn Cells>>) {
        (Rc::new(self.cells()), self.strip().map(|strip| Rc::new(strip) as Rc<dyn Cells>))
    }
}

#[cfg(test)]
mod tests {
    use super::super::clip::double_area;
    use super::*;

    const TEE: [[f64; 2]; 4] = [[0.0, 0.0], [0.0, 40.0], [-25.0, 40.0], [25.0, 40.0]];

    fn track(order: &[[usize; 2]]) -> Track {
        let order: Vec<_> = order.iter().map(|nodes| (*nodes, nodes.map(|node| TEE[node]))).collect();
        Track::new(&order, &vec![5.0; order.len() - 1], 2.0, 1000).unwrap()
    }

    #[test]
    fn bins_are_as_neurospatial_cuts_them() {
        let track = track(&[[0, 1], [1, 2], [1, 3]]);
        assert_eq!((track.bins.len(), track.lines.len()), (46, 49));
        assert_eq!((track.lines[20], track.lines[21], track.lines[48]), (40.0, 45.0, 100.0));
        assert_eq!(track.edge(20).nodes, [1, 2]);
        let [low, high] = track.ends(20);
        assert!((f64::midpoint(low, high) - 45.961_538_461_538_46).abs() < 1e-12);
    }

    #[test]
    fn edges_meet_halfway_and_leave_nothing_between() {
        let cells = track(&[[0, 1], [1, 2], [1, 3]]).cells();
        // 90 long and two usual bins wide, less the two squares that the stem shares with the arms.
        let area: f64 = (0..46).map(|bin| double_area(&cells.polygon(bin)) / 2.0).sum();
        let half = 25.0 / 13.0;
        assert!((area - (90.0 * 2.0 * half - 2.0 * half * half)).abs() < 1e-6, "{area}");
        for place in [[0.0, 39.9], [-0.01, 40.5], [0.01, 40.5], [0.0, 38.5]] {
            assert!(cells.bin_at(place[0], place[1]).is_some(), "{place:?}");
        }
    }

    #[test]
    fn a_corner_is_mitred() {
        let cells = track(&[[0, 1], [1, 2]]).cells();
        let half = 25.0 / 13.0;
        assert!(cells.bin_at(half * 0.9, 40.0 + half * 0.9).is_some(), "the outer corner");
        assert_eq!(cells.bin_at(half * 1.1, 40.0), None);
    }

    #[test]
    fn the_strip_has_gaps_and_takes_places_of_space() {
        let track = track(&[[0, 1], [1, 2], [1, 3]]);
        let strip = track.strip().unwrap();
        assert_eq!(
            (strip.bin_at(1.0, 0.0), strip.bin_at(42.0, 0.0), strip.bin_at(46.0, 0.0)),
            (Some(0), None, Some(20))
        );
        assert_eq!(strip.place([3.0, 10.0]), [10.0, 0.0]);
        assert_eq!(strip.place([-5.0, 47.0]), [50.0, 0.0]);
        assert_eq!(strip.place([5.0, 33.0])[0], 33.0);
        assert!(strip.place([f64::NAN, 0.0])[0].is_nan());
    }
}
