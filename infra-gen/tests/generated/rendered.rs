//! The workflow and the build specs as text: what the checks let through, and what they refuse.

use infra_core::{
    check::{buildspec, workflow::check},
    render::{
        self,
        buildspec::Command,
        workflow::{Step, render},
    },
};
use infra_gen::topology::build::{build_specs, workflow};

#[test]
fn the_build_specs_pass() {
    for (path, spec) in build_specs() {
        let text = render::buildspec::render(&spec).unwrap();
        assert_eq!(buildspec::check(path, &text), []);
        assert_eq!(buildspec::check_round_trip(path, &text, &spec), []);
    }
}

#[test]
fn broken_workflows_are_refused() {
    fn check_text(change: impl Fn(&str) -> String, expected: &[(&str, &str)]) {
        let workflow = workflow();
        let text = render(&workflow).unwrap();
        let changed = change(&text);
        let found = check("ci.yml", &changed, &workflow);
        let found: Vec<_> = found.iter().map(|it| (it.rule, it.address.as_str())).collect();
        assert_eq!(found, expected);
    }
    check_text(str::to_owned, &[]);
    check_text(
        |it| it.replacen("name: ci", "name: ci\nname: cd", 1),
        &[("workflow/yaml", "ci.yml:3")],
    );
    check_text(
        |it| it.replacen("cargo xtask test", "cargo test", 2),
        &[("workflow/round-trip", "ci.yml jobs.build.steps[7].run")],
    );
    check_text(
        |it| it.replacen("  comment:\n", "  other:\n", 1),
        &[("workflow/round-trip", "ci.yml jobs.comment.steps")],
    );
}

#[test]
fn a_github_expression_in_a_command_is_refused() {
    let mut workflow = workflow();
    let (_, job) = &mut workflow.jobs[0];
    for step in &mut job.steps {
        if let Step::Run { command, .. } = step {
            *command = Command::line("git checkout ${{ github.head_ref }}");
        }
    }
    let found = check("ci.yml", &render(&workflow).unwrap(), &workflow);
    assert!(!found.is_empty() && found.iter().all(|it| it.rule == "workflow/injection"));
}
