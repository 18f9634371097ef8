//! Writes reproducible zips, without the time and the machine of the build.

use std::{
    io::{Cursor, Read as _, Write as _},
    path::Path,
};

use anyhow::Context as _;
use fs_err as fs;
use zip::{CompressionMethod, DateTime, System, ZipWriter, write::SimpleFileOptions};

/// The name of the file that Lambda's `provided` runtimes start.
const ENTRY: &str = "bootstrap";

/// Packs a program into a zip.
pub(super) fn pack(program: &[u8]) -> anyhow::Result<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        // 1980-01-01, the earliest date that a zip supports.
        .last_modified_time(DateTime::default())
        .system(System::Unix)
        .unix_permissions(0o755);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(ENTRY, options)?;
    zip.write_all(program)?;
    Ok(zip.finish()?.into_inner())
}

/// Writes a file in one step. Returns whether it differs from the one before.
pub(super) fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<bool> {
    if fs::read(file).is_ok_and(|it| it == bytes) {
        return Ok(false);
    }
    let folder = file.parent().context("a zip is in a folder")?;
    fs::create_dir_all(folder)?;
    let named = || format!("{} cannot be written", file.display());
    let mut temporary = tempfile::NamedTempFile::new_in(folder).with_context(named)?;
    temporary.write_all(bytes).with_context(named)?;
    readable(&temporary).with_context(named)?;
    temporary.persist(file).with_context(named)?;
    Ok(true)
}

/// Unpacks the program of a zip.
pub(super) fn unpack(zip: &Path, program: &Path) -> anyhow::Result<()> {
    let mut zip = ::zip::ZipArchive::new(Cursor::new(fs::read(zip)?))?;
    let mut bytes = Vec::new();
    zip.by_name(ENTRY)?.read_to_end(&mut bytes)?;
    // A running program cannot be overwritten, but another file can replace it.
    let _ = fs::remove_file(program);
    fs::write(program, bytes)?;
    executable(program)
}

#[cfg(unix)]
fn executable(program: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).map_err(Into::into)
}

#[cfg(not(unix))]
fn executable(_: &Path) -> anyhow::Result<()> {
    Ok(())
}

/// Makes the file readable for all users. Temporary files are private by default, and Terraform may run as another
/// user.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_holds_the_program_as_lambda_starts_it() {
        fn check(program: &[u8]) {
            let bytes = pack(program).unwrap();
            assert_eq!(bytes, pack(program).unwrap());
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            assert_eq!(zip.len(), 1);
            let mut entry = zip.by_index(0).unwrap();
            assert_eq!(entry.name().unwrap(), "bootstrap");
            assert_eq!(entry.unix_mode(), Some(0o100_755));
            assert_eq!(entry.last_modified().unwrap().to_string(), "1980-01-01 00:00:00");
            let mut unpacked = Vec::new();
            entry.read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, program);
        }
        check(b"");
        check(b"\x7fELF and more");
        check(&[0; 100_000]);
    }

    #[test]
    fn only_another_zip_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x86_64/validator.zip");
        let check = |bytes: &[u8], changed: bool| {
            assert_eq!(write(&file, bytes).unwrap(), changed);
            assert_eq!(fs::read(&file).unwrap(), bytes);
            assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1);
        };
        check(b"one", true);
        check(b"one", false);
        check(b"two", true);
    }
}
