//! Where boxes stand and how arrows run: in columns, from cause to effect, with few crossings.
//!
//! All in whole numbers, so that every machine comes to the same picture. The method is Sugiyama's:
//! columns by the longest way, a waypoint wherever an arrow passes a column, and then rows by the
//! mean of the neighbours, back and forth.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;

/// The width of a box.
pub(super) const BOX: i64 = 180;
/// The height of a box.
pub(super) const HIGH: i64 = 52;
const COLUMN: i64 = BOX + 190;
const ROW: i64 = HIGH + 42;
const MARGIN: i64 = 24;
/// After so many passes nothing moves any more.
const PASSES: usize = 12;

/// A picture's measures.
pub(super) struct Layout {
    pub(super) width: i64,
    pub(super) height: i64,
    /// The middle of each box.
    pub(super) boxes: Vec<(i64, i64)>,
    /// The middles that each arrow passes, both ends included.
    pub(super) ways: Vec<Vec<(i64, i64)>>,
}

/// A place in a column: a box, or a waypoint.
struct Vertex {
    column: usize,
    row: i64,
}

pub(super) fn layout(graph: &Graph) -> Layout {
    let count = graph.nodes.len();
    let forward = forward(graph);
    let columns = columns(count, &forward);
    let mut vertices: Vec<_> =
        columns.iter().map(|column| Vertex { column: *column, row: 0 }).collect();
    let mut links = Vec::new();
    let mut ways = Vec::new();
    for (edge, (from, to)) in graph.edges.iter().zip(&forward) {
        let mut way = vec![*from];
        for column in columns[*from] + 1..columns[*to] {
            way.push(vertices.len());
            vertices.push(Vertex { column, row: 0 });
        }
        way.push(*to);
        links.extend(way.windows(2).map(|it| (it[0], it[1])));
        if edge.from != *from {
            way.reverse();
        }
        ways.push(way);
    }
    arrange(&mut vertices, &links);
    let top = vertices.iter().map(|it| it.row).min().unwrap_or(0);
    let place = |at: usize| {
        let Vertex { column, row } = vertices[at];
        let x = MARGIN + BOX / 2 + COLUMN * i64::try_from(column).unwrap_or(i64::MAX / COLUMN);
        (x, MARGIN + HIGH / 2 + (row - top))
    };
    let all: Vec<_> = (0..vertices.len()).map(place).collect();
    Layout {
        width: all.iter().map(|it| it.0).max().unwrap_or(0) + BOX / 2 + MARGIN,
        height: all.iter().map(|it| it.1).max().unwrap_or(0) + HIGH / 2 + MARGIN,
        boxes: all[..count].to_vec(),
        ways: ways.into_iter().map(|way| way.into_iter().map(|it| all[it]).collect()).collect(),
    }
}

/// The arrows without circles: one that leads back is turned round.
fn forward(graph: &Graph) -> Vec<(usize, usize)> {
    #[derive(Clone, Copy, PartialEq)]
    enum Seen {
        No,
        Open,
        Done,
    }
    fn visit(at: usize, graph: &Graph, seen: &mut [Seen], back: &mut BTreeSet<usize>) {
        seen[at] = Seen::Open;
        for (place, edge) in graph.edges.iter().enumerate().filter(|(_, it)| it.from == at) {
            match seen[edge.to] {
                Seen::Open => drop(back.insert(place)),
                Seen::No => visit(edge.to, graph, seen, back),
                Seen::Done => (),
            }
        }
        seen[at] = Seen::Done;
    }
    let (mut seen, mut back) = (vec![Seen::No; graph.nodes.len()], BTreeSet::new());
    let is_begin = |at: &usize| graph.edges.iter().all(|it| it.to != *at);
    let begins = (0..graph.nodes.len()).filter(is_begin);
    for at in begins.chain(0..graph.nodes.len()) {
        if seen[at] == Seen::No {
            visit(at, graph, &mut seen, &mut back);
        }
    }
    let turned = |(place, edge): (usize, &super::Edge)| match back.contains(&place) {
        true => (edge.to, edge.from),
        false => (edge.from, edge.to),
    };
    graph.edges.iter().enumerate().map(turned).collect()
}

/// One behind all that lead to it.
fn columns(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut columns = vec![0; count];
    // Without circles, the longest way has fewer steps than there are boxes.
    for _ in 0..count {
        for (from, to) in edges.iter().filter(|(from, to)| from != to) {
            columns[*to] = columns[*to].max(columns[*from] + 1);
        }
    }
    columns
}

/// Gives each vertex its row.
fn arrange(vertices: &mut [Vertex], links: &[(usize, usize)]) {
    let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, vertex) in vertices.iter().enumerate() {
        columns.entry(vertex.column).or_default().push(at);
    }
    for column in columns.values() {
        spread(vertices, column);
    }
    for pass in 0..PASSES {
        let order: Vec<usize> = match pass % 2 {
            0 => columns.keys().copied().collect(),
            _ => columns.keys().rev().copied().collect(),
        };
        for at in order {
            let Some(column) = columns.get_mut(&at) else { continue };
            let wish: BTreeMap<usize, i64> =
                column.iter().map(|it| (*it, wish(*it, vertices, links, pass))).collect();
            // Where two wish for the same row, they keep their order.
            column.sort_by_key(|it| wish[it]);
            for it in column.iter() {
                vertices[*it].row = wish[it];
            }
            spread(vertices, column);
        }
    }
}

/// The mean row of the neighbours: those before on the way there, all on the way back.
fn wish(at: usize, vertices: &[Vertex], links: &[(usize, usize)], pass: usize) -> i64 {
    let before = links.iter().filter(|it| it.1 == at).map(|it| vertices[it.0].row);
    let behind = links.iter().filter(|it| it.0 == at).map(|it| vertices[it.1].row);
    let rows: Vec<i64> = match pass {
        0 => before.collect(),
        _ => before.chain(behind).collect(),
    };
    match i64::try_from(rows.len()) {
        Ok(count) if count > 0 => rows.iter().sum::<i64>() / count,
        _ => vertices[at].row,
    }
}

/// Keeps a column's vertices apart, around the middle of where they wish to be.
fn spread(vertices: &mut [Vertex], column: &[usize]) {
    let before: i64 = column.iter().map(|it| vertices[*it].row).sum();
    for pair in 1..column.len() {
        let least = vertices[column[pair - 1]].row + ROW;
        let row = &mut vertices[column[pair]].row;
        *row = (*row).max(least);
    }
    let after: i64 = column.iter().map(|it| vertices[*it].row).sum();
    let shift = (after - before) / i64::try_from(column.len().max(1)).unwrap_or(1);
    column.iter().for_each(|it| vertices[*it].row -= shift);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Edge, Node, Shape};

    #[track_caller]
    fn check(count: usize, edges: &[(usize, usize)]) {
        let node = |at| Node {
            id: format!("n{at}"),
            label: String::new(),
            shape: Shape::Lambda,
            address: None,
            on_path: false,
        };
        let edge = |(from, to): &(usize, usize)| Edge {
            from: *from,
            to: *to,
            label: String::new(),
            on_path: false,
        };
        let graph = Graph {
            nodes: (0..count).map(node).collect(),
            edges: edges.iter().map(edge).collect(),
        };
        let layout = layout(&graph);
        for (at, a) in layout.boxes.iter().enumerate() {
            assert!(a.0 - BOX / 2 >= 0 && a.0 + BOX / 2 <= layout.width, "{a:?}");
            assert!(a.1 - HIGH / 2 >= 0 && a.1 + HIGH / 2 <= layout.height, "{a:?}");
            for b in &layout.boxes[at + 1..] {
                let apart = (a.0 - b.0).abs() >= BOX || (a.1 - b.1).abs() >= HIGH;
                assert!(apart, "two boxes lie on each other: {a:?} {b:?}");
            }
        }
        for (edge, way) in edges.iter().zip(&layout.ways) {
            let ends = (layout.boxes[edge.0], layout.boxes[edge.1]);
            assert_eq!((way[0], way[way.len() - 1]), ends);
        }
    }

    #[test]
    fn boxes_stand_apart_and_arrows_end_at_them() {
        check(0, &[]);
        check(1, &[(0, 0)]);
        check(5, &[]);
        check(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
        check(3, &[(0, 1), (1, 2), (2, 0)]);
        check(7, &[(0, 6), (1, 6), (2, 6), (3, 6), (4, 6), (5, 6), (6, 0)]);
    }
}
