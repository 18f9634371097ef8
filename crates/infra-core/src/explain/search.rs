//! Searches addresses and their descriptions by words.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Roots;

/// An address that matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The address.
    pub address: String,
    /// The reason for it.
    pub doc: String,
}

/// The lowest similarity of a match.
const NEAR: f64 = 0.8;

/// Every address that matches all words, the best match first. Without words, all addresses.
///
/// A word matches if the address or its description contains it, or a similar word.
pub fn search(roots: &Roots, words: &[&str]) -> Vec<Hit> {
    let mut all = BTreeMap::new();
    for (_, stack) in roots.iter() {
        for node in stack.nodes() {
            all.entry(node.address.to_string()).or_insert_with(|| node.doc.clone());
        }
    }
    let mut hits: Vec<_> = all
        .into_iter()
        .filter_map(|(address, doc)| {
            let mut total = 0.0;
            for word in words {
                let fits = fit(&word.to_lowercase(), &address, &doc);
                if fits < NEAR {
                    return None;
                }
                total += fits;
            }
            Some((total, Hit { address, doc }))
        })
        .collect();
    // The sort is stable, so equal matches stay in the order of addresses.
    hits.sort_by(|a, b| b.0.total_cmp(&a.0));
    hits.into_iter().map(|(_, hit)| hit).collect()
}

/// The addresses that are most similar to one that does not exist.
pub fn near(roots: &Roots, address: &str) -> Vec<Hit> {
    let mut all: Vec<_> = search(roots, &[])
        .into_iter()
        .map(|hit| (strsim::jaro_winkler(address, &hit.address), hit))
        .filter(|(near, _)| *near >= NEAR)
        .collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all.into_iter().take(5).map(|(_, hit)| hit).collect()
}

/// Rates a match from 0 to 4: a whole name, a part of the address, a word of the description, or a similar word.
fn fit(word: &str, address: &str, doc: &str) -> f64 {
    let name = address.rsplit('.').next().unwrap_or(address);
    // Resources come before data sources.
    let made = if address.contains(".data.") { 0.0 } else { 0.5 };
    if name == word {
        return 3.0 + made;
    }
    if address.contains(word) {
        return 2.0 + made;
    }
    let doc = doc.to_lowercase();
    if doc.contains(word) {
        return 1.5;
    }
    let split = |it: char| !it.is_alphanumeric();
    let words = address.split(split).chain(doc.split(split)).filter(|it| !it.is_empty());
    let nearest = words.map(|it| strsim::jaro_winkler(it, word)).fold(0.0, f64::max);
    // Below this similarity, two words share only their beginning, which is not a misspelling.
    if nearest >= 0.88 { nearest } else { 0.0 }
}
