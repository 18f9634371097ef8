//! The Python program that runs and patches ministack.
//!
//! Each file in `patches/` is one patch. It says what AWS does, what ministack does, and for which version it was written.

use std::{
    io,
    path::{Path, PathBuf},
};

use fs_err as fs;
use sha2::{Digest as _, Sha256};

use crate::tools::MINISTACK;

/// Which patches the emulator gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Faithfulness {
    /// All patches, including those for IAM: every call needs a permission, as on AWS. If a patch no longer applies, the
    /// emulator does not start, and its error names the patch.
    Enforced,
    /// All patches except those for IAM: every caller has all permissions.
    Patched,
    /// No patch.
    AsItIs,
}

impl Faithfulness {
    /// The argument of `watch.py`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Faithfulness::Enforced => "enforced",
            Faithfulness::Patched => "patched",
            Faithfulness::AsItIs => "as-it-is",
        }
    }
}

/// The program to start. Python imports the other files from its folder.
const PROGRAM: &str = "watch.py";

macro_rules! files {
    ($($file:literal,)+) => { &[$(($file, include_str!($file))),+] };
}

const FILES: &[(&str, &str)] = files![
    "watch.py",
    "keep.py",
    "record.py",
    "patches/__init__.py",
    "patches/alarm_describe.py",
    "patches/alarm_put.py",
    "patches/any_caller.py",
    "patches/api_key.py",
    "patches/firewall_config.py",
    "patches/firewall_log.py",
    "patches/health.py",
    "patches/iam_alarm.py",
    "patches/iam_also.py",
    "patches/iam_denied.py",
    "patches/iam_event_source.py",
    "patches/iam_function_log.py",
    "patches/iam_integration.py",
    "patches/iam_key_use.py",
    "patches/iam_keys.py",
    "patches/iam_lambda.py",
    "patches/iam_language.py",
    "patches/iam_machine.py",
    "patches/iam_needed.py",
    "patches/iam_notification.py",
    "patches/iam_pass_role.py",
    "patches/iam_request.py",
    "patches/iam_target.py",
    "patches/iam_told.py",
    "patches/iam_unjudged.py",
    "patches/judge.py",
    "patches/mock_integration.py",
    "patches/query.py",
    "patches/sdk_members.py",
    "patches/service_linked_role.py",
    "patches/start_again.py",
    "patches/tracing.py",
];

/// Writes the program to a folder, and returns the file to start.
pub(crate) fn unpack(folder: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(folder.join("patches"))?;
    for (file, text) in FILES {
        fs::write(folder.join(file), text)?;
    }
    Ok(folder.join(PROGRAM))
}

/// Returns a hash of the emulator's version and its patches. A state that was saved with another hash is not loaded.
pub(crate) fn fingerprint() -> String {
    let mut hash = Sha256::new_with_prefix(MINISTACK.requirements);
    for (file, text) in FILES {
        hash.update(file);
        hash.update([0]);
        hash.update(text);
        hash.update([0]);
    }
    hash.finalize().iter().map(|it| format!("{it:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_packed() {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let files = fs::read_dir(source.join("patches")).unwrap().map(|it| it.unwrap().path());
        for file in files.filter(|it| it.is_file()) {
            let file = file.strip_prefix(&source).unwrap();
            assert!(FILES.iter().any(|(it, _)| Path::new(it) == file), "{}", file.display());
        }
    }
}
