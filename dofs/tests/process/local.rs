//! The output of `dofs local` about a system that another process runs.

use std::fs;

use crate::{dofs, ran, stranger::Stranger};

#[test]
fn a_hint_names_the_environment() {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/runs-already");
    fs::create_dir_all(format!("{folder}/staging")).unwrap();
    let lock = fs::File::create(format!("{folder}/staging/up.lock")).unwrap();
    lock.lock().unwrap();
    let emulator = Stranger::that_answers(200, "{}");
    let own = processes::find(std::process::id()).unwrap().unwrap();
    let running = serde_json::json!({
        "environment": "staging", "pid": own.id, "began": own.began, "api_url": "", "page_url": null,
        "endpoint": emulator.url(),
        "account": "", "region": "", "log": "a.log",
    });
    fs::write(format!("{folder}/staging/running.json"), running.to_string()).unwrap();
    for (args, expected) in [
        (&["local", "up", "--port", "1"][..], "fix: stop it with `dofs local down --env staging`"),
        (&["local", "up", "--fresh"], "fix: stop it with `dofs local down --env staging`, then"),
        (
            &["local", "up", "--watch"],
            "`dofs local down --env staging`, then start it with --watch",
        ),
        (&["local", "up"], "Stop it with Ctrl-C or `dofs local down --env staging`"),
        (&["doctor"], "Check it with `dofs doctor --env staging --aws`"),
    ] {
        let args = [args, &["--env", "staging"]].concat();
        let (_, stdout, stderr) = ran(dofs(&args).env("DOFS_LOCAL_DIR", folder));
        let said = format!("{stdout}{stderr}");
        assert!(said.contains(expected), "{args:?}: {expected:?} is not in:\n{said}");
    }
}
