//! Snapshots: committed files with rows that follow from the topology, one in each line.
//!
//! Every addition changes rows. `cargo xtask bless` writes the files, and a reviewer reads their difference. A property that
//! must always hold is an assertion in a test instead, because it cannot be blessed.

use expect_test::{ExpectFile, expect_file};

/// Compares rows with the committed file `snapshots/<name>.txt`.
pub(crate) fn snapshot(name: &str, rows: impl IntoIterator<Item = String>) {
    let rows: String = rows.into_iter().map(|it| it + "\n").collect();
    compare(&at(&format!("infra-gen/tests/generated/snapshots/{name}.txt")), &rows);
}

/// Compares what a document quotes between two texts, without them.
pub(crate) fn quoted(document: &str, from: &str, to: &str, expected: &str) {
    let file = at(document);
    let text = file.data();
    let (before, rest) = text.split_once(from).unwrap_or_else(|| panic!("{document}: {from:?}"));
    let (_, after) = rest.split_once(to).unwrap_or_else(|| panic!("{document}: {to:?}"));
    compare(&file, &format!("{before}{from}{expected}{to}{after}"));
}

/// A file of the repository.
fn at(path: &str) -> ExpectFile {
    expect_file![format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"))]
}

#[expect(clippy::print_stdout, reason = "the harness prints it if the test fails")]
fn compare(file: &ExpectFile, expected: &str) {
    println!("If the difference below is right, run `cargo xtask bless`, and commit the file.");
    file.assert_eq(expected);
}
