//! A second interpreter: state machines in sfnx and in `asl`, run by run.
//!
//! sfnx follows its author's measurements on AWS. `asl` plays each run first, with the answer to every call, and then
//! sfnx plays it with the same answers. Both must have the same calls with the same arguments, the same waits, the same states in the same order,
//! and the same end. If they differ, AWS's pages decide, and `accepted.json` has the difference with the reason and the
//! page.

mod faults;
mod order;
mod play;
mod random;
mod small;

use std::{fs, io::Write, path::Path};

use local_aws::Tools;
use serde::Deserialize;

use self::play::{Document, Run};
use crate::{
    findings::{Finding, accepted, differences},
    generated,
};

/// The name of the judge in findings.
pub(crate) const JUDGES: &[&str] = &["sfnx"];

#[derive(Debug, Deserialize)]
struct Said {
    runs: usize,
    comparisons: usize,
    findings: Vec<Finding>,
}

/// Plays the runs of each machine again with sfnx.
fn ask(name: &str, played: &[(Document, Vec<Run>)]) -> Said {
    let tools = Tools::asl(&generated::tools_folder()).unwrap_or_else(|err| panic!("{err}"));
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name).with_extension("jsonl");
    let mut lines = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    for (document, runs) in played {
        writeln!(lines, "{}", serde_json::to_string(document).unwrap()).unwrap();
        for run in runs {
            writeln!(lines, "{}", serde_json::to_string(run).unwrap()).unwrap();
        }
    }
    lines.flush().unwrap();
    generated::ask(&tools, "asl.py", &path).unwrap_or_else(|err| panic!("{err}"))
}

#[test]
fn sfnx_runs_machines_as_asl_does() {
    let mut played: Vec<_> = order::ENVIRONMENTS.map(order::every).into();
    played.push(random::orders(1_000));
    let of_orders: usize = played.iter().map(|(_, runs)| runs.len()).sum();
    played.extend(small::machines());
    let Said { runs, comparisons, findings } = ask("judges-asl", &played);
    let accepted = accepted(JUDGES);
    let (open, idle) = differences(&findings, &accepted);
    let _ = writeln!(
        std::io::stdout(),
        "measured: state machines by sfnx: {runs} runs, {of_orders} of them of orders, {comparisons} comparisons, \
         {} differences outside the {} that are accepted",
        open.len(),
        accepted.len(),
    );
    assert!(open.is_empty(), "not accepted: {:#?}", &open[..open.len().min(40)]);
    assert!(idle.is_empty(), "accepted, and no run shows it: {idle:#?}");
    assert_eq!(runs, played.iter().map(|(_, runs)| runs.len()).sum::<usize>());
    assert!(of_orders > 5_000 && comparisons > 900_000, "{of_orders} {comparisons}");
}
