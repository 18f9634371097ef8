//! Judges a mistake: compiles it in a copy of the workspace, lets the program write, and runs the tests.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use anyhow::{Context as _, ensure};
use compile_fail::Invocation;
use fs_err as fs;

use super::{asked::Failed, topology::Topology};

/// Who refuses a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// rustc, with these error codes.
    Compiler(String),
    /// The generator, with the names of the broken rules, or with its error.
    Rule(String),
    /// A test.
    Test(Failed),
    /// It changes no generated file.
    Same,
    /// Nothing refuses it, and the generated files differ.
    Passes,
    /// The generated files differ, and no test was asked.
    Differs,
}

/// A copy of the workspace, and what builds need.
pub(crate) struct Judge<'j> {
    invocation: Invocation<'j>,
    pub(super) topology: &'j Topology,
    workspace: PathBuf,
    pub(super) tree: PathBuf,
    pub(super) builds: PathBuf,
}

impl<'j> Judge<'j> {
    /// Copies the workspace, and checks that the unchanged topology compiles and breaks no rule.
    pub(crate) fn new(
        invocation: Invocation<'j>,
        topology: &'j Topology,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let folder = folder.join(topology.package);
        let (workspace, tree) = (PathBuf::from(invocation.workspace), folder.join("tree"));
        let judge = Judge { invocation, topology, workspace, tree, builds: folder.join("build") };
        fs::create_dir_all(&judge.builds)?;
        judge.restore()?;
        judge
            .compile()?
            .map_err(|said| anyhow::anyhow!("the topology does not compile\n{said}"))?;
        judge.write()?.map_err(|said| anyhow::anyhow!("the topology breaks rules\n{said}"))?;
        let changed = judge.restore()?;
        ensure!(changed.is_empty(), "the generated files are out of date: {changed:?}");
        Ok(judge)
    }

    /// Checks that no test fails without a mistake.
    pub(crate) fn check_tests(&self) -> anyhow::Result<()> {
        for test in self.topology.tests {
            let failed = self.asked(test)?;
            ensure!(failed.is_none(), "a test fails without a mistake: {failed:?}");
        }
        Ok(())
    }

    /// Who refuses another text of a file. The tests are asked last, because they take long, and only if `with_tests`.
    pub(crate) fn of(&self, path: &str, edited: &str, with_tests: bool) -> anyhow::Result<Verdict> {
        let file = self.tree.join(path);
        fs::write(&file, edited)?;
        let verdict = self.verdict(with_tests)?;
        match verdict {
            // Nothing else was written.
            Verdict::Compiler(_) | Verdict::Rule(_) => {
                fs::write(&file, fs::read(self.workspace.join(path))?)?;
            }
            _ => drop(self.restore()?),
        }
        Ok(verdict)
    }

    fn verdict(&self, with_tests: bool) -> anyhow::Result<Verdict> {
        if let Err(said) = self.compile()? {
            return Ok(Verdict::Compiler(codes(&said)));
        }
        if let Err(said) = self.write()? {
            return Ok(Verdict::Rule(rules(&said)?));
        }
        if self.differing()?.len() <= 1 {
            // Only the source itself.
            return Ok(Verdict::Same);
        }
        if !with_tests {
            return Ok(Verdict::Differs);
        }
        let mut snapshot = None;
        for test in self.topology.tests {
            match self.asked(test)? {
                Some(Failed::Test(name)) => return Ok(Verdict::Test(Failed::Test(name))),
                Some(it) => drop(snapshot.get_or_insert(it)),
                None => {}
            }
        }
        Ok(snapshot.map_or(Verdict::Passes, Verdict::Test))
    }

    /// Compiles the library and the program as cargo does, with the libraries of this test program. An error is what
    /// rustc printed.
    fn compile(&self) -> anyhow::Result<Result<(), String>> {
        let library = self.crate_name();
        let rlib =
            format!("{library}={}", self.builds.join(format!("lib{library}.rlib")).display());
        let parts = [
            (self.topology.library, vec!["--crate-type=rlib", "--crate-name", &library]),
            (
                self.topology.program,
                vec!["--crate-type=bin", "--crate-name", "program", "--extern", &rlib],
            ),
        ];
        for (file, arguments) in parts {
            let mut rustc = self.rustc();
            rustc.args(&arguments).arg("--out-dir").arg(&self.builds).arg(file);
            let output = rustc.output().context("rustc cannot be started")?;
            if !output.status.success() {
                ensure!(
                    output.status.code() == Some(1),
                    "rustc ended abnormally: {}",
                    text(&output)
                );
                return Ok(Err(text(&output)));
            }
        }
        Ok(Ok(()))
    }

    /// rustc, as cargo calls it: with paths from the folder of the workspace, which violations name.
    pub(super) fn rustc(&self) -> Command {
        let mut rustc = Command::new(self.invocation.rustc);
        rustc.current_dir(&self.tree).args(self.libraries());
        rustc.args(["--color=never", "-Awarnings", "--emit=link", "-Ccodegen-units=16"]);
        // Without the debug information of the libraries, linking takes half the time.
        rustc.arg("-Cstrip=debuginfo");
        rustc.arg(format!("-Cincremental={}", self.builds.join("incremental").display()));
        rustc.env("CARGO_PKG_VERSION", env!("CARGO_PKG_VERSION"));
        rustc
    }

    /// The arguments that name libraries, without the library that is compiled here.
    fn libraries(&self) -> Vec<&str> {
        let own = format!("{}=", self.crate_name());
        let mut kept = Vec::new();
        let mut arguments = self.invocation.arguments.iter().peekable();
        while let Some(argument) = arguments.next() {
            if *argument == "--extern" && arguments.peek().is_some_and(|it| it.starts_with(&own)) {
                arguments.next();
                continue;
            }
            kept.push(*argument);
        }
        kept
    }

    pub(super) fn crate_name(&self) -> String {
        self.topology.package.replace('-', "_")
    }

    /// Lets the program write. An error is what it printed.
    fn write(&self) -> anyhow::Result<Result<(), String>> {
        let mut program = Command::new(self.builds.join("program"));
        program.current_dir(&self.tree).args(self.topology.arguments);
        let output = program.arg(self.tree.join(self.topology.writes)).output()?;
        Ok(if output.status.success() { Ok(()) } else { Err(text(&output)) })
    }

    /// The files of the copy that differ from the workspace.
    fn differing(&self) -> anyhow::Result<BTreeSet<PathBuf>> {
        self.each_difference(|_, _| Ok(()))
    }

    /// Makes the copy equal to the workspace again, and returns the files that differed.
    fn restore(&self) -> anyhow::Result<BTreeSet<PathBuf>> {
        self.each_difference(|from, to| {
            if !from.is_file() {
                return Ok(fs::remove_file(to)?);
            }
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            // The copy is new for cargo and rustc, which look at the time.
            Ok(fs::write(to, fs::read(from)?)?)
        })
    }

    fn each_difference(
        &self,
        each: impl Fn(&Path, &Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<BTreeSet<PathBuf>> {
        let mut git = Command::new("git");
        git.current_dir(&self.workspace);
        let output =
            git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).output()?;
        ensure!(output.status.success(), "git cannot list the files: {}", text(&output));
        let listed = String::from_utf8(output.stdout)?;
        let listed = listed.split('\0').filter(|it| !it.is_empty()).map(PathBuf::from);
        let listed: BTreeSet<PathBuf> =
            listed.filter(|it| self.workspace.join(it).is_file()).collect();
        let mut all = listed.clone();
        files(&self.tree, &self.tree, &mut all)?;
        let mut differing = BTreeSet::new();
        for path in all {
            let (from, to) = (self.workspace.join(&path), self.tree.join(&path));
            let is_same = listed.contains(&path) && fs::read(&to).ok() == Some(fs::read(&from)?);
            if !is_same {
                each(&from, &to)?;
                differing.insert(path);
            }
        }
        Ok(differing)
    }
}

fn files(folder: &Path, top: &Path, found: &mut BTreeSet<PathBuf>) -> anyhow::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files(&path, top, found)?;
        } else if let Ok(path) = path.strip_prefix(top) {
            found.insert(path.to_owned());
        }
    }
    Ok(())
}

pub(super) fn text(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}

/// The codes of the errors that rustc printed: `E0308`.
fn codes(said: &str) -> String {
    let codes = said.lines().filter_map(|it| it.strip_prefix("error[")?.split_once(']'));
    let codes: BTreeSet<&str> = codes.map(|(code, _)| code).collect();
    Vec::from_iter(codes).join(" ")
}

/// The names of the broken rules in the output of the generator: `module.a.b.c [limit/visibility]`, or its error.
fn rules(said: &str) -> anyhow::Result<String> {
    let named = said.lines().filter_map(|it| it.strip_suffix(']')?.rsplit_once(" ["));
    let rules: BTreeSet<&str> = named.map(|(_, rule)| rule).filter(|it| it.contains('/')).collect();
    if rules.is_empty() {
        // The program refuses to write for another reason, such as a path that is none.
        let error = said.lines().find_map(|it| it.strip_prefix("error: "));
        return error.map(str::to_owned).with_context(|| format!("the program failed\n{said}"));
    }
    Ok(Vec::from_iter(rules).join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_is_read() {
        assert_eq!(
            codes("error[E0308]: mismatched types\n --> a\nerror[E0277]: b\nerror: aborting"),
            "E0277 E0308"
        );
        let said = "module.sqs.aws_sqs_queue.a [limit/visibility]\n  it is [too short]\n\nerror: 1 broken rule";
        assert_eq!(rules(said).unwrap(), "limit/visibility");
        assert_eq!(rules("error: it is not a path\n  fix: none").unwrap(), "it is not a path");
        assert!(rules("thread 'main' panicked").is_err());
    }
}
