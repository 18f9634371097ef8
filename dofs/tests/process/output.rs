//! A stdout that is closed, or on a full disk.

use std::{fs::File, io, path::Path};

use crate::{dofs, ran, stranger::Stranger};

/// Commands that need no system, and write to stdout.
const ALONE: [&[&str]; 5] = [
    &["completions", "bash"],
    &["completions", "zsh"],
    &["man"],
    &["--help"],
    &["order", "--help"],
];

#[test]
fn a_closed_stdout_is_not_an_error() {
    for args in ALONE {
        let (_, writer) = io::pipe().unwrap();
        let (code, _, stderr) = ran(dofs(args).stdout(writer));
        assert_eq!((code, stderr.as_str()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_full_disk_is_one_line_and_exit_code_1() {
    let full = Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    for args in ALONE {
        let (code, _, stderr) = ran(dofs(args).stdout(File::create(full).unwrap()));
        assert_eq!((code, stderr.lines().count()), (Some(1), 1), "{args:?}: {stderr}");
        assert!(stderr.starts_with("error: ") && stderr.contains("No space left"), "{stderr}");
    }
    // It also works if stderr is full.
    let mut command = dofs(&["completions", "bash"]);
    command.stdout(File::create(full).unwrap()).stderr(File::create(full).unwrap());
    assert_eq!(ran(&mut command).0, Some(1));
}

#[test]
fn an_order_is_placed_although_stdout_is_closed() {
    let api = Stranger::that_answers(
        202,
        r#"{"orderId":"0192f0c1-2d3e-7a4b-8c5d-6e7f8091a2b3","status":"ACCEPTED","message":"m"}"#,
    );
    let (_, writer) = io::pipe().unwrap();
    let (code, _, stderr) =
        ran(dofs(&["order", "--no-follow", "--api-url", &api.url()]).stdout(writer));
    assert_eq!((code, stderr.as_str()), (Some(0), ""));
}
