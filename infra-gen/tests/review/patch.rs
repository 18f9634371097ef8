//! Trees, and unified diffs that are applied to them.

use std::{fs, path::Path};

use infra_review::Files;

/// Every file below a folder, by its path there.
pub(crate) fn files_below(folder: &Path) -> Files {
    let (mut files, mut folders) = (Files::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

/// Applies a diff to a tree. It must fit exactly, because the tree and the diff are frozen.
pub(crate) fn apply(files: &mut Files, patch: &str) {
    for file in format!("\n{patch}").split("\n--- ").skip(1) {
        let mut lines = file.lines();
        let side = |line: &str, mark| line.strip_prefix(mark).map(str::to_owned);
        let before = side(lines.next().unwrap(), "a/");
        let after = side(lines.next().unwrap().strip_prefix("+++ ").unwrap(), "b/");
        let old = before.map(|it| files.remove(&it).unwrap_or_else(|| panic!("no {it}")));
        let new = laid_upon(old.as_deref().unwrap_or(""), lines);
        if let Some(after) = after {
            files.insert(after, new);
        }
    }
}

fn laid_upon<'p>(old: &str, patch: impl Iterator<Item = &'p str>) -> String {
    let old: Vec<&str> = old.lines().collect();
    let (mut new, mut at) = (Vec::new(), 0);
    for line in patch {
        if let Some(range) = line.strip_prefix("@@ -") {
            let (range, _) = range.split_once(' ').unwrap();
            let (start, count) = range.split_once(',').unwrap_or((range, "1"));
            // A hunk without old lines is inserted after the line that it names.
            let start: usize = start.parse().unwrap();
            let start = if count == "0" { start } else { start - 1 };
            new.extend(&old[at..start]);
            at = start;
            continue;
        }
        let (mark, text) = line.split_at(1);
        if mark != "+" {
            assert_eq!(old.get(at), Some(&text), "the diff does not fit");
            at += 1;
        }
        if mark != "-" {
            new.push(text);
        }
    }
    new.extend(&old[at..]);
    new.into_iter().map(|it| format!("{it}\n")).collect()
}
