//! The table of the packed zips.

use infra_core::model::function::Architecture;
use sha2::{Digest as _, Sha256};

/// One zip.
pub(super) struct Row {
    pub(super) binary: &'static str,
    pub(super) architecture: Architecture,
    pub(super) zip: Vec<u8>,
    pub(super) unpacked: usize,
    pub(super) changed: bool,
}

const HEADER: [&str; 6] = ["binary", "arch", "zip", "unpacked", "sha256 of the zip", ""];

/// The table: a header, and one line for each zip. Empty without zips.
pub(super) fn render(rows: &[Row]) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = rows.iter().map(|row| {
        let hash: String = Sha256::digest(&row.zip).iter().map(|it| format!("{it:02x}")).collect();
        [
            row.binary.to_owned(),
            row.architecture.as_str().to_owned(),
            megabytes(row.zip.len()),
            megabytes(row.unpacked),
            hash,
            if row.changed { "written" } else { "unchanged" }.to_owned(),
        ]
    });
    let lines: Vec<[String; 6]> = [HEADER.map(str::to_owned)].into_iter().chain(cells).collect();
    let width = |column: usize| lines.iter().map(|it| it[column].len()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..HEADER.len()).map(width).collect();
    let mut text = String::new();
    for line in &lines {
        let cells: Vec<String> =
            line.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A size in megabytes: millions of bytes.
pub(super) fn megabytes(bytes: usize) -> String {
    let hundredths = bytes.div_ceil(10_000);
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_line_up() {
        #[track_caller]
        fn check(rows: &[Row], expected: &str) {
            assert_eq!(render(rows), expected);
        }
        let row = |binary, changed| Row {
            binary,
            architecture: Architecture::Arm64,
            zip: b"abc".to_vec(),
            unpacked: 12_345_678,
            changed,
        };
        check(&[], "");
        check(
            &[row("validator", true), row("api_handler", false)],
            "\
binary       arch   zip      unpacked  sha256 of the zip
validator    arm64  0.01 MB  12.35 MB  \
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  written
api_handler  arm64  0.01 MB  12.35 MB  \
ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  unchanged
",
        );
    }
}
