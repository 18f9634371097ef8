//! The layout of boxes and arrows: layers from top to bottom, from cause to effect, with few crossings.
//!
//! All numbers are integers, so that every machine computes the same picture. The method is Sugiyama's: layers by the
//! longest path, a waypoint wherever an arrow passes a layer, and positions by the mean of the neighbours, in passes
//! down and up. A waypoint is narrower than a box, so the whole picture fits the width of a laptop's screen.

use std::collections::{BTreeMap, BTreeSet};

use super::Graph;

/// The width of a box.
pub(super) const BOX: i64 = 180;
/// The height of a box.
pub(super) const HIGH: i64 = 46;
/// The distance between layers: a box, and an arrow with a label of two lines.
const LAYER: i64 = HIGH + 60;
/// The width of a waypoint: that of an arrow's label.
const LANE: i64 = 64;
/// The gap between neighbours in a layer.
const GAP: i64 = 20;
const MARGIN: i64 = 24;
/// The number of passes, after which nothing moves any more.
const PASSES: usize = 12;

/// The measures of a picture.
pub(super) struct Layout {
    pub(super) width: i64,
    pub(super) height: i64,
    /// The centre of each box.
    pub(super) boxes: Vec<(i64, i64)>,
    /// The points that each arrow passes, including the centres of the boxes at its ends.
    pub(super) ways: Vec<Vec<(i64, i64)>>,
}

/// A box or a waypoint in a layer.
struct Vertex {
    layer: usize,
    /// The centre.
    x: i64,
    width: i64,
}

pub(super) fn layout(graph: &Graph) -> Layout {
    let count = graph.nodes.len();
    let forward = forward(graph);
    let layers = layers(count, &forward);
    let mut vertices: Vec<_> =
        layers.iter().map(|layer| Vertex { layer: *layer, x: 0, width: BOX }).collect();
    let mut links = Vec::new();
    let mut ways = Vec::new();
    for (edge, (from, to)) in graph.edges.iter().zip(&forward) {
        let mut way = vec![*from];
        for layer in layers[*from] + 1..layers[*to] {
            way.push(vertices.len());
            vertices.push(Vertex { layer, x: 0, width: LANE });
        }
        way.push(*to);
        links.extend(way.windows(2).map(|it| (it[0], it[1])));
        if edge.from != *from {
            way.reverse();
        }
        ways.push(way);
    }
    arrange(&mut vertices, &links);
    let left = vertices.iter().map(|it| it.x - it.width / 2).min().unwrap_or(0);
    let right = vertices.iter().map(|it| it.x + it.width / 2).max().unwrap_or(0);
    let place = |it: &Vertex| {
        let y = LAYER * i64::try_from(it.layer).unwrap_or(i64::MAX / LAYER);
        (MARGIN + it.x - left, MARGIN + HIGH / 2 + y)
    };
    let all: Vec<_> = vertices.iter().map(place).collect();
    Layout {
        width: right - left + 2 * MARGIN,
        height: all.iter().map(|it| it.1).max().unwrap_or(0) + HIGH / 2 + MARGIN,
        boxes: all[..count].to_vec(),
        ways: ways.into_iter().map(|way| way.into_iter().map(|it| all[it]).collect()).collect(),
    }
}

/// The arrows without cycles: an arrow that closes a cycle is reversed.
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

/// The layer of each box: one below the lowest box with an arrow to it.
fn layers(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut layers = vec![0; count];
    // Without cycles, the longest path has fewer steps than there are boxes.
    for _ in 0..count {
        for (from, to) in edges.iter().filter(|(from, to)| from != to) {
            layers[*to] = layers[*to].max(layers[*from] + 1);
        }
    }
    layers
}

/// Sets the position of each vertex.
fn arrange(vertices: &mut [Vertex], links: &[(usize, usize)]) {
    let mut layers: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, vertex) in vertices.iter().enumerate() {
        layers.entry(vertex.layer).or_default().push(at);
    }
    for layer in layers.values() {
        spread(vertices, layer);
    }
    for pass in 0..PASSES {
        let order: Vec<usize> = match pass % 2 {
            0 => layers.keys().copied().collect(),
            _ => layers.keys().rev().copied().collect(),
        };
        for at in order {
            let Some(layer) = layers.get_mut(&at) else { continue };
            let wish: BTreeMap<usize, i64> =
                layer.iter().map(|it| (*it, wish(*it, vertices, links, pass))).collect();
            // The sort is stable: two vertices with the same wish keep their order.
            layer.sort_by_key(|it| wish[it]);
            for it in layer.iter() {
                vertices[*it].x = wish[it];
            }
            spread(vertices, layer);
        }
    }
}

/// The mean position of the neighbours: in the first pass only those above, then all.
fn wish(at: usize, vertices: &[Vertex], links: &[(usize, usize)], pass: usize) -> i64 {
    let before = links.iter().filter(|it| it.1 == at).map(|it| vertices[it.0].x);
    let behind = links.iter().filter(|it| it.0 == at).map(|it| vertices[it.1].x);
    let places: Vec<i64> = match pass {
        0 => before.collect(),
        _ => before.chain(behind).collect(),
    };
    match i64::try_from(places.len()) {
        Ok(count) if count > 0 => places.iter().sum::<i64>() / count,
        _ => vertices[at].x,
    }
}

/// Moves the vertices of a layer apart, and keeps their mean position.
fn spread(vertices: &mut [Vertex], layer: &[usize]) {
    let before: i64 = layer.iter().map(|it| vertices[*it].x).sum();
    for pair in 1..layer.len() {
        let (one, next) = (layer[pair - 1], layer[pair]);
        let apart = (vertices[one].width + vertices[next].width) / 2 + GAP;
        vertices[next].x = vertices[next].x.max(vertices[one].x + apart);
    }
    let after: i64 = layer.iter().map(|it| vertices[*it].x).sum();
    let shift = (after - before) / i64::try_from(layer.len().max(1)).unwrap_or(1);
    layer.iter().for_each(|it| vertices[*it].x -= shift);
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
    fn boxes_do_not_overlap_and_arrows_end_at_boxes() {
        check(0, &[]);
        check(1, &[(0, 0)]);
        check(5, &[]);
        check(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]);
        check(3, &[(0, 1), (1, 2), (2, 0)]);
        check(7, &[(0, 6), (1, 6), (2, 6), (3, 6), (4, 6), (5, 6), (6, 0)]);
    }
}
