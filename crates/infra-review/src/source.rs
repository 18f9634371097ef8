//! Reads a tree from a git revision or from a folder.

use std::{
    collections::BTreeMap,
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use fs_err as fs;

use super::{Files, LINK};
use terminal::shell::quoted;

/// The folder of the generated files.
const GENERATED: &str = "generated";

/// The other files and folders of a repository that define how changes are built, checked and deployed.
const DELIVERS: &[&str] = &["buildspec.yml", ".github"];

/// The error for a tree that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// git cannot be run.
    #[error(
        "git cannot be run: {0}\n  fix: install git, or compare two folders: --base DIR --head DIR"
    )]
    NoGit(io::Error),
    /// The repository does not have the revision.
    #[error(
        "{} has no revision {revision:?}: {said}\n  fix: fetch it first (a shallow clone has few: git fetch \
         origin main), or name another one",
        quoted(.repository)
    )]
    NoRevision {
        /// The repository.
        repository: PathBuf,
        /// The revision.
        revision: String,
        /// The message from git.
        said: String,
    },
    /// The folder is not in a repository.
    #[error(
        "{} is not in a git repository: {said}\n  fix: compare two folders: --base DIR --head DIR",
        quoted(.folder)
    )]
    NoRepository {
        /// The folder.
        folder: PathBuf,
        /// The message from git.
        said: String,
    },
    /// A git command failed. Its message contains the fix.
    #[error("git {command} failed: {stderr}")]
    Git {
        /// The git command.
        command: &'static str,
        /// The message from git.
        stderr: String,
    },
    /// There is no such folder.
    #[error("{} is not a folder\n  fix: name the folder that holds `generated/`, or `generated/` itself", quoted(.0))]
    NoFolder(PathBuf),
    /// A file is not text.
    #[error("{0} is not UTF-8 text, and all generated files are")]
    NoText(String),
    /// The operating system reported an error.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads the generated files of a revision, and the files that define its delivery.
///
/// # Errors
///
/// If git cannot be run, the folder is not in a repository, or the repository does not have the revision.
pub fn revision(repository: &Path, revision: &str) -> Result<Files, SourceError> {
    let inside = git(repository, "rev-parse", &["--is-inside-work-tree"])?;
    if !inside.status.success() {
        let said = said(&inside.stderr);
        // git also refuses a checkout of another user, and then prints the fix.
        return Err(match said.contains("not a git repository") {
            true => SourceError::NoRepository { folder: repository.to_owned(), said },
            false => failed("rev-parse", &said),
        });
    }
    // git must not read a revision that begins with a dash as an option.
    let commit = format!("{revision}^{{commit}}");
    let found = git(repository, "rev-parse", &["--verify", "--end-of-options", &commit])?;
    if !found.status.success() {
        let (repository, revision) = (repository.to_owned(), revision.to_owned());
        let said = said(&found.stderr);
        return Err(SourceError::NoRevision { repository, revision, said });
    }
    let commit = String::from_utf8_lossy(&found.stdout).trim().to_owned();
    let asked = [&["-r", "-z", &commit, "--", GENERATED], DELIVERS].concat();
    let listed = git(repository, "ls-tree", &asked)?;
    let listed = answered("ls-tree", listed)?;
    let mut blobs = Vec::new();
    let mut links = Files::new();
    for line in listed.split(|it| *it == 0).filter(|it| !it.is_empty()) {
        let line = String::from_utf8(line.to_vec()).map_err(|it| {
            SourceError::NoText(String::from_utf8_lossy(it.as_bytes()).into_owned())
        })?;
        // `100644 blob <id>\t<path>`
        let Some((head, path)) = line.split_once('\t') else { continue };
        match head.split(' ').collect::<Vec<_>>()[..] {
            ["100644" | "100755", "blob", id] => blobs.push((id.to_owned(), path.to_owned())),
            // A link, or a submodule.
            _ => drop(links.insert(link(path), head.to_owned())),
        }
    }
    let mut files = contents(repository, &blobs)?;
    files.extend(links);
    Ok(files)
}

/// Reads the texts of blobs with one process.
fn contents(repository: &Path, blobs: &[(String, String)]) -> Result<Files, SourceError> {
    let mut child = command(repository, "cat-file")
        .arg("--batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(SourceError::NoGit)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (Some(mut stdin), Some(mut stdout)) = (stdin, stdout) else {
        return Err(failed("cat-file", "it has no pipes"));
    };
    let asked: String = blobs.iter().map(|(id, _)| format!("{id}\n")).collect();
    let mut answer = Vec::new();
    // git answers while it reads requests. If the requests were all written first, both processes could wait for ever.
    std::thread::scope(|scope| {
        let asking = scope.spawn(move || stdin.write_all(asked.as_bytes()));
        let read = stdout.read_to_end(&mut answer);
        let asked = asking.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        read.map(drop).and(asked)
    })?;
    // git writes little to stderr, so the pipe does not fill up before it is read here.
    let ended = child.wait_with_output()?;
    if !ended.status.success() {
        return Err(failed("cat-file", &said(&ended.stderr)));
    }
    let mut files = Files::new();
    let mut rest = answer.as_slice();
    for (id, path) in blobs {
        // `<id> blob <size>\n<content>\n`
        let short = || failed("cat-file", &format!("it has no {id}"));
        let end = rest.iter().position(|it| *it == b'\n').ok_or_else(short)?;
        let head = String::from_utf8_lossy(&rest[..end]);
        let size: usize =
            head.rsplit(' ').next().and_then(|it| it.parse().ok()).ok_or_else(short)?;
        let content = rest.get(end + 1..end + 1 + size).ok_or_else(short)?;
        files.insert(path.clone(), text(path, content.to_vec())?);
        rest = rest.get(end + 2 + size..).unwrap_or_default();
    }
    Ok(files)
}

/// Reads the generated files of a folder that has `generated/`, or of `generated/` itself. It also reads the files next
/// to `generated/` that define the delivery.
///
/// # Errors
///
/// If the folder does not exist, or something in it cannot be read.
pub fn folder(folder: &Path) -> Result<Files, SourceError> {
    if !folder.is_dir() {
        return Err(SourceError::NoFolder(folder.to_owned()));
    }
    let mut files = BTreeMap::new();
    let mut folders = Vec::new();
    let inner = folder.join(GENERATED);
    let repository = match fs::symlink_metadata(&inner) {
        Ok(it) if it.is_dir() => {
            folders.push((inner, GENERATED.to_owned()));
            Some(folder)
        }
        Ok(_) => {
            files.insert(link(GENERATED), String::new());
            Some(folder)
        }
        Err(err) if err.kind() == io::ErrorKind::NotFound => {
            folders.push((folder.to_owned(), GENERATED.to_owned()));
            let is_generated = folder.file_name().is_some_and(|it| it == GENERATED);
            if is_generated { folder.parent() } else { None }
        }
        Err(err) => return Err(err.into()),
    };
    for name in DELIVERS {
        let Some(path) = repository.map(|it| it.join(name)) else { continue };
        match fs::symlink_metadata(&path) {
            Ok(it) if it.is_dir() => folders.push((path, (*name).to_owned())),
            Ok(it) if it.is_file() => {
                files.insert((*name).to_owned(), text(name, fs::read(&path)?)?);
            }
            Ok(_) => drop(files.insert(link(name), String::new())),
            Err(err) if err.kind() == io::ErrorKind::NotFound => (),
            Err(err) => return Err(err.into()),
        }
    }
    while let Some((folder, name)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let file = entry.file_name();
            let file = file.to_string_lossy();
            let (kind, path) = (entry.file_type()?, format!("{name}/{file}"));
            if infra_core::tree::is_terraforms_own(&file, kind) {
                continue;
            }
            if kind.is_dir() {
                folders.push((entry.path(), path));
            } else if kind.is_file() {
                let content = text(&path, fs::read(entry.path())?)?;
                files.insert(path, content);
            } else {
                files.insert(link(&path), String::new());
            }
        }
    }
    Ok(files)
}

/// The path in [`Files`] of a link, or of another entry that is neither a file nor a folder. Its content is not read.
fn link(path: &str) -> String {
    format!("{path}{LINK}")
}

fn text(path: &str, bytes: Vec<u8>) -> Result<String, SourceError> {
    String::from_utf8(bytes).map_err(|_| SourceError::NoText(path.to_owned()))
}

fn git(
    repository: &Path,
    asked: &'static str,
    arguments: &[&str],
) -> Result<std::process::Output, SourceError> {
    command(repository, asked).args(arguments).output().map_err(SourceError::NoGit)
}

/// A git command in a folder, with English messages, because [`revision`] searches them.
fn command(repository: &Path, asked: &str) -> Command {
    let mut command = Command::new("git");
    command.arg(asked).current_dir(repository).env("LC_ALL", "C");
    command
}

/// The message from git.
fn said(stderr: &[u8]) -> String {
    String::from_utf8_lossy(stderr).trim().to_owned()
}

fn answered(command: &'static str, output: std::process::Output) -> Result<Vec<u8>, SourceError> {
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(failed(command, &said(&output.stderr))),
    }
}

fn failed(command: &'static str, stderr: &str) -> SourceError {
    SourceError::Git { command, stderr: stderr.to_owned() }
}
