//! Mutation testing: `cargo xtask mutants` changes the product's code one place at a time, and a test must fail for
//! each change.
//!
//! cargo-mutants makes the changes. A mutant that no test notices is either a missing test, or a change without any
//! effect. `survivors.txt` lists the second kind, each with its reason. The run fails if a mutant survives that the
//! file does not list, and if a mutant of the file does not exist any more or is caught.

mod change;
mod judge;
mod run;
mod survivors;
mod tree;

use std::collections::BTreeSet;

use anyhow::bail;
use clap::Args;

pub(crate) use self::judge::packages;
use self::{
    judge::Package,
    run::{Mutant, Mutants},
    survivors::Survivor,
};
use crate::workspace::Workspace;

/// Options of `cargo xtask mutants`.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Run only mutants in changed lines: commits since this branch left `origin/main`, and the working tree. If no
    /// line of a mutated package changed, install and compare nothing.
    #[arg(long)]
    changed: bool,
    /// Run no mutant. Check that every line of the list of survivors names a mutant.
    #[arg(long, conflicts_with = "changed")]
    list: bool,
    /// The packages to mutate. Default: all of them.
    packages: Vec<String>,
}

/// Runs mutants, and returns whether exactly the listed ones survive. The last line is `N passed, N failed`.
pub(crate) fn run(options: &Options) -> anyhow::Result<bool> {
    let workspace = Workspace::here()?;
    let every = packages();
    let chosen = chosen(&every, &options.packages)?;
    let listed = survivors::listed()?;
    let diff = if options.changed { change::diff(&workspace)? } else { None };
    if options.changed && diff.is_none() {
        // The list was compared with the mutants when either of them was last changed. Installing cargo-mutants takes
        // minutes, so it is left out here.
        say!("nothing to run: neither the mutated packages nor the list of survivors changed");
        say!("1 passed, 0 failed");
        return Ok(true);
    }
    let mutants = Mutants::prepare(&workspace)?;
    let all = mutants.list(&every.iter().collect::<Vec<_>>(), None)?;
    let mut problems = stale(&listed, &all);
    let mut caught = 0;
    let asked = match options.list {
        true => Vec::new(),
        false => mutants.list(&chosen, diff.as_deref())?,
    };
    if options.changed && asked.is_empty() {
        say!("no changed line has a mutant");
    }
    if !asked.is_empty() {
        mutants.copy()?;
    }
    for package in chosen {
        let asked: Vec<&Mutant> = asked.iter().filter(|it| it.package == package.name).collect();
        if asked.is_empty() {
            continue;
        }
        say!("== {}: {} mutants", package.name, asked.len());
        let missed = mutants.judge(package, diff.as_deref())?;
        caught += asked.iter().filter(|it| !missed.contains(&it.name)).count();
        problems.extend(judged(&listed, &asked, &missed));
    }
    problems.iter().for_each(|it| say!("failed: {it}"));
    let kept = listed.len();
    say!("{} mutants; {kept} that change nothing are listed, each with the reason", all.len());
    say!("{} passed, {} failed", caught + kept, problems.len());
    Ok(problems.is_empty())
}

fn chosen<'p>(every: &'p [Package], names: &[String]) -> anyhow::Result<Vec<&'p Package>> {
    let known = |name: &String| every.iter().any(|it| it.name == *name);
    if let Some(unknown) = names.iter().find(|it| !known(it)) {
        let all: Vec<&str> = every.iter().map(|it| it.name).collect();
        bail!("{unknown} is not mutated\n  fix: name one of {}", all.join(", "));
    }
    let is_chosen = |it: &&Package| names.is_empty() || names.iter().any(|name| *name == it.name);
    Ok(every.iter().filter(is_chosen).collect())
}

/// The listed survivors that are not mutants any more: the code has changed, so their reasons may be wrong.
fn stale(listed: &[Survivor], all: &[Mutant]) -> Vec<String> {
    let is_mutant = |it: &&Survivor| !all.iter().any(|mutant| it.is(mutant));
    let stale = listed.iter().filter(is_mutant);
    stale.map(|it| format!("survivors.txt: there is no such mutant any more: {it}")).collect()
}

/// The problems: mutants that survive and are not listed, and listed mutants that are caught.
fn judged(listed: &[Survivor], asked: &[&Mutant], missed: &BTreeSet<String>) -> Vec<String> {
    let is_listed = |it: &Mutant| listed.iter().any(|survivor| survivor.is(it));
    let survives = |it: &Mutant| missed.contains(&it.name);
    let new = asked.iter().filter(|it| survives(it) && !is_listed(it));
    let new = new.map(|it| format!("no test fails with this mutant: {}", it.name));
    // A line may have several mutants with the same name, and the reason is for all of them.
    let killed = listed.iter().filter(|survivor| {
        let mut of = asked.iter().filter(|it| survivor.is(it)).peekable();
        of.peek().is_some() && !of.any(|it| survives(it))
    });
    let killed = killed.map(|it| format!("survivors.txt: a test fails with this one: {it}"));
    new.chain(killed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mutant(line: &str, what: &str) -> Mutant {
        Mutant {
            name: format!("a.rs:1:2: {what}"),
            package: "asl".to_owned(),
            file: "a.rs".to_owned(),
            line: line.to_owned(),
        }
    }

    #[test]
    fn exactly_the_listed_survive() {
        #[track_caller]
        fn check(missed: &[&Mutant], expected: &[&str]) {
            let mutants =
                [mutant("a < b", "replace < with <="), mutant("c()", "replace c with ()")];
            let missed = missed.iter().map(|it| it.name.clone()).collect();
            let listed =
                survivors::read("a.rs: replace < with <=\nline: a < b\nwhy: never equal\n")
                    .unwrap();
            let asked: Vec<&Mutant> = mutants.iter().collect();
            assert_eq!(judged(&listed, &asked, &missed), expected);
        }
        let listed = mutant("a < b", "replace < with <=");
        check(&[&listed], &[]);
        check(
            &[],
            &["survivors.txt: a test fails with this one: a.rs: replace < with <= in `a < b`"],
        );
        let new = mutant("c()", "replace c with ()");
        check(&[&listed, &new], &["no test fails with this mutant: a.rs:1:2: replace c with ()"]);
    }

    #[test]
    fn a_listed_survivor_that_is_not_a_mutant_is_a_problem() {
        let listed =
            survivors::read("a.rs: x\nline: a\nwhy: b\n\na.rs: y\nline: a\nwhy: b\n").unwrap();
        let found = stale(&listed, &[mutant("a", "x"), mutant("other", "y")]);
        assert_eq!(found, ["survivors.txt: there is no such mutant any more: a.rs: y in `a`"]);
    }

    #[test]
    fn a_package_that_is_not_mutated_is_named() {
        let every = packages();
        assert_eq!(chosen(&every, &[]).unwrap().len(), every.len());
        assert_eq!(chosen(&every, &["asl".to_owned()]).unwrap()[0].name, "asl");
        let err = chosen(&every, &["dofs".to_owned()]).unwrap_err().to_string();
        assert!(err.starts_with("dofs is not mutated\n  fix: name one of "), "{err}");
    }
}
