//! Checks whether Lambda's runtime `provided.al2023` can run a program.

use std::collections::BTreeSet;

use infra_core::model::function::Architecture;
use object::{Architecture as Machine, Endianness, Object as _, ObjectKind, read::elf::ElfFile64};

use super::build::INSTALL;

/// The glibc version of Amazon Linux 2023.
const GLIBC: Version = Version(2, 34);

/// The libraries that the runtime always has. It lacks others, such as OpenSSL.
const LIBRARIES: &[&str] = &[
    "libc.so.6",
    "libm.so.6",
    "libdl.so.2",
    "librt.so.1",
    "libpthread.so.0",
    "libgcc_s.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
];

/// The reasons why the runtime cannot run a program. Empty if it can.
pub(super) fn check(binary: &str, architecture: Architecture, program: &[u8]) -> Vec<String> {
    let elf = match ElfFile64::<Endianness>::parse(program) {
        Ok(elf) => elf,
        Err(err) => return vec![format!("{binary} is not a 64-bit Linux program: {err}")],
    };
    let mut problems = Vec::new();
    let wanted = match architecture {
        Architecture::Arm64 => Machine::Aarch64,
        Architecture::X86_64 => Machine::X86_64,
    };
    let (found, kind) = (elf.architecture(), elf.kind());
    if found != wanted || !matches!(kind, ObjectKind::Dynamic | ObjectKind::Executable) {
        let wanted = architecture.as_str();
        problems.push(format!(
            "{binary} is for {found:?} ({kind:?}), and should be a program for {wanted}"
        ));
    }
    match needs(&elf, program) {
        Ok(needs) => problems.extend(needs.problems(binary)),
        Err(err) => problems.push(format!("what {binary} needs cannot be read: {err}")),
    }
    problems
}

/// The requirements of a program on the system.
#[derive(Default)]
struct Needs {
    libraries: BTreeSet<String>,
    /// The required symbol versions, such as `GLIBC_2.34`.
    versions: BTreeSet<String>,
}

impl Needs {
    fn problems(&self, binary: &str) -> impl Iterator<Item = String> {
        let missing = self.libraries.iter().filter(|it| !LIBRARIES.contains(&it.as_str())).map(
            move |library| {
                format!(
                    "{binary} needs {library}, which provided.al2023 does not have\n  \
                     fix: take the crate that links it without that feature"
                )
            },
        );
        // Only the newest version is reported, because it implies the older ones.
        let newest = self
            .versions
            .iter()
            .filter_map(|it| Some((Version::of(it)?, it)))
            .filter(|(version, _)| *version > GLIBC)
            .max();
        let too_new = newest.map(move |(_, name)| {
            format!(
                "{binary} needs {name}, and provided.al2023 has GLIBC_{}.{}\n  \
                 fix: {INSTALL}, then `cargo xtask package --builder cargo-lambda`",
                GLIBC.0, GLIBC.1
            )
        });
        missing.chain(too_new)
    }
}

/// Of glibc.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u32, u32);

impl Version {
    /// `None` if it is not a version of glibc, such as `GCC_3.0`.
    fn of(name: &str) -> Option<Version> {
        let mut parts = name.strip_prefix("GLIBC_")?.split('.');
        let mut part = || parts.next()?.parse().ok();
        Some(Version(part()?, part()?))
    }
}

fn needs(elf: &ElfFile64<'_, Endianness>, program: &[u8]) -> object::Result<Needs> {
    let mut needs = Needs::default();
    for library in elf.import_libraries()? {
        needs.libraries.insert(String::from_utf8_lossy(library?.name()).into_owned());
    }
    let (endian, sections) = (elf.endian(), elf.elf_section_table());
    let Some((mut files, strings)) = sections.gnu_verneed(endian, program)? else {
        return Ok(needs);
    };
    let strings = sections.strings(endian, program, strings)?;
    while let Some((_, mut versions)) = files.next()? {
        while let Some(version) = versions.next()? {
            let name = version.name(endian, strings)?;
            needs.versions.insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(needs)
}

// The tests' own program serves as a sample.
#[cfg(test)]
#[cfg(all(target_os = "linux", target_env = "gnu", target_arch = "x86_64"))]
mod tests {

    use super::*;

    /// This test program, with a text in it replaced by another one of the same length.
    #[track_caller]
    fn check(change: (&str, &str), architecture: Architecture, expected: &[&str]) {
        let (old, new) = (change.0.as_bytes(), change.1.as_bytes());
        assert_eq!(old.len(), new.len());
        let mut program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let hits: Vec<usize> = if old == new {
            Vec::new()
        } else {
            (0..program.len() - old.len()).filter(|at| program[*at..].starts_with(old)).collect()
        };
        hits.into_iter().for_each(|at| program[at..at + new.len()].copy_from_slice(new));
        let said = super::check("validator", architecture, &program);
        let said: Vec<&str> = said.iter().map(|it| it.lines().next().unwrap()).collect();
        assert_eq!(said, expected);
    }

    #[test]
    fn programs_are_judged() {
        use Architecture::{Arm64, X86_64};
        check(("", ""), X86_64, &[]);
        check(
            ("", ""),
            Arm64,
            &["validator is for X86_64 (Dynamic), and should be a program for arm64"],
        );
        check(
            ("\0GLIBC_2.34\0", "\0GLIBC_2.39\0"),
            X86_64,
            &["validator needs GLIBC_2.39, and provided.al2023 has GLIBC_2.34"],
        );
        check(
            ("\0libgcc_s.so.1\0", "\0libssl.so.333\0"),
            X86_64,
            &["validator needs libssl.so.333, which provided.al2023 does not have"],
        );
        // All of it at once.
        check(
            ("\0GLIBC_2.34\0", "\0GLIBC_3.10\0"),
            Arm64,
            &[
                "validator is for X86_64 (Dynamic), and should be a program for arm64",
                "validator needs GLIBC_3.10, and provided.al2023 has GLIBC_2.34",
            ],
        );
        check(
            ("\x7fELF", "MZ\0\0"),
            X86_64,
            &["validator is not a 64-bit Linux program: Unsupported ELF header"],
        );
    }

    #[test]
    fn versions_are_numbers() {
        fn check(name: &str, expected: Option<Version>) {
            assert_eq!(Version::of(name), expected, "{name}");
        }
        check("GLIBC_2.34", Some(Version(2, 34)));
        check("GLIBC_2.2.5", Some(Version(2, 2)));
        check("GCC_3.0", None);
        check("GLIBC_PRIVATE", None);
        assert!(Version(2, 4) < Version(2, 34));
    }
}
