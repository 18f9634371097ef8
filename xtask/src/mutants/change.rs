//! The diff of the working tree from the commit at which this branch left `origin/main`.

use std::{fmt::Write as _, path::PathBuf};

use fs_err as fs;

use crate::workspace::Workspace;

/// Writes the diff to a file, including the working tree and new files. `None` if nothing differs, or no base is known.
pub(super) fn diff(workspace: &Workspace) -> anyhow::Result<Option<PathBuf>> {
    let base = match workspace.base() {
        Ok(base) => base,
        Err(err) => {
            say!("no change is known: {err:#}");
            return Ok(None);
        }
    };
    let of = [
        "--",
        "lambdas",
        "crates/asl",
        "crates/function-contract",
        "xtask/src/mutants/survivors.txt",
    ];
    let arguments = [&["diff", "--no-color", "--no-ext-diff", "--no-renames", &base], &of[..]];
    let mut diff = workspace.git(&arguments.concat())?;
    let arguments = [&["ls-files", "-z", "--others", "--exclude-standard"], &of[..]];
    let new = workspace.git(&arguments.concat())?;
    for file in new.split('\0').filter(|it| it.ends_with(".rs")) {
        added(file, &fs::read_to_string(workspace.root.join(file))?, &mut diff);
    }
    if diff.is_empty() {
        return Ok(None);
    }
    let path = workspace.target.join("mutants/change.diff");
    fs::create_dir_all(workspace.target.join("mutants"))?;
    fs::write(&path, diff)?;
    Ok(Some(path))
}

/// The diff of a new file, as git would print it for an added file.
fn added(file: &str, text: &str, diff: &mut String) {
    let lines = text.lines().count();
    // Writing to a `String` never fails.
    let _ = write!(diff, "--- /dev/null\n+++ b/{file}\n@@ -0,0 +1,{lines} @@\n");
    for line in text.lines() {
        let _ = writeln!(diff, "+{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_all_added() {
        let mut diff = String::new();
        added("a/b.rs", "fn f() {\n}\n", &mut diff);
        assert_eq!(diff, "--- /dev/null\n+++ b/a/b.rs\n@@ -0,0 +1,2 @@\n+fn f() {\n+}\n");
    }
}
