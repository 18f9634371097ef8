//! The folder of generated roots, and copies of it with faults.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use local_aws::Tools;
use serde::de::DeserializeOwned;

/// The folder of the committed files.
pub(crate) fn committed() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../generated")
}

/// A change of one file: its path, a text that occurs once, and its replacement.
pub(crate) type Fault<'a> = (&'a str, &'a str, &'a str);

/// Returns a copy of the committed files, with faults. The text of a fault must occur exactly once.
#[track_caller]
pub(crate) fn with<'a>(name: &str, faults: impl IntoIterator<Item = Fault<'a>>) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    copy(&committed(), &folder);
    for (file, from, to) in faults {
        let file = folder.join(file);
        let text = fs::read_to_string(&file).unwrap();
        assert_eq!(text.matches(from).count(), 1, "{from} in {}", file.display());
        fs::write(&file, text.replace(from, to)).unwrap();
    }
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            // The files that a Terraform run left there are not committed.
            true if entry.file_name() == ".terraform" => (),
            true => copy(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), &target).unwrap()),
        }
    }
}

/// Runs one of the scripts next to this file over a folder of roots, or over a file. Returns its output as JSON, or its error.
pub(crate) fn ask<T: DeserializeOwned>(
    tools: &Tools,
    script: &str,
    folder: &Path,
) -> Result<T, String> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/judges");
    // Python must not write its cache next to the sources.
    let output =
        Command::new(tools.python()).arg("-B").arg(scripts.join(script)).arg(folder).output();
    let output = output.unwrap();
    match output.status.success() {
        true => Ok(serde_json::from_slice(&output.stdout).unwrap()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// In cargo's target folder, so that it is installed once.
pub(crate) fn tools_folder() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("tools")
}
