//! Orders through the whole system on this machine: how many in a second, how long each takes, and who
//! takes the time.
//!
//! `dofs local up` brings up the committed `generated/dev` on the emulated AWS, with the functions as they
//! are packed; `dofs load` places the orders.

mod processes;

use std::{
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use self::processes::Taken;
use super::{
    measure,
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
};
use crate::{package, workspace::said};

/// What the first DOFS, on Node.js and AWS, reported of itself.
const FIRST_ANSWER: f64 = 0.2;
const FIRST_ORDER: f64 = 23.0;

/// Measures.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let functions = setting.folder("functions");
    package::for_this_machine(&functions)?;
    let mut cargo = infra_gen::cargo::command();
    cargo.current_dir(&setting.workspace.root);
    cargo.args(["build", "--locked", "--package", "dofs"]);
    say!("  building dofs");
    said(cargo)?;
    let dofs = Dofs {
        program: setting.workspace.target.join("debug/dofs"),
        root: setting.workspace.root.clone(),
        local: setting.folder("flow"),
        functions,
    };
    say!("  bringing generated/dev up");
    let system = dofs.up()?;

    let mut part = setting.part(
        "Orders through generated/dev on the emulated AWS of this machine, from the request to the last write.",
    )?;
    // Whatever is done once: processes of functions start, connections are opened.
    dofs.load(&system, Orders { count: 20, in_a_second: 5 })?;
    say!("  orders one by one");
    let calm = dofs.load(&system, Orders { count: setting.rounds(80, 10), in_a_second: 2 })?;
    say!("  as many orders as it takes");
    let busy = dofs.load(&system, Orders { count: setting.rounds(300, 30), in_a_second: 50 })?;
    system.down()?;

    let loads = [("two orders a second", &calm), ("as many orders as it takes", &busy)];
    let table = |title: &str, rows: &dyn Fn(&Load) -> Vec<Row>| {
        let groups = loads.iter();
        let rows = groups.flat_map(|(name, it)| rows(it).into_iter().map(|row| row.within(*name)));
        Table::new(title, Unit::Seconds, rows.collect())
    };
    part.tables = vec![
        table("The answer", &|it| it.report.call.rows(FIRST_ANSWER)),
        table("From taken to decided", &|it| it.report.order_to_end.rows(FIRST_ORDER)),
        table("Processor time of one order", &Load::shares),
    ];
    part.tables.push(Table::new(
        "Orders decided in a second",
        Unit::PerSecond,
        vec![Row::new("through the emulated AWS", Samples::once(busy.in_a_second()))],
    ));
    part.bounds.extend([
        Bound::at_most(
            "the answer to an order, half of them, beside 200 ms",
            calm.report.call.p50_ms / 1e3,
            FIRST_ANSWER,
            Unit::Seconds,
        ),
        Bound::at_most(
            "from an order to its end, half of them, beside 23 s",
            calm.report.order_to_end.p50_ms / 1e3,
            FIRST_ORDER,
            Unit::Seconds,
        ),
    ]);
    part.headline = format!(
        "On the emulated AWS of one machine, half of the orders are answered within {} and decided {} later; our \
         functions compute for {} of that. The first DOFS reported about 200 ms and 23 s, on AWS.",
        Unit::Seconds.tell(calm.report.call.p50_ms / 1e3),
        Unit::Seconds.tell(calm.report.order_to_end.p50_ms / 1e3),
        Unit::Seconds.tell(calm.of_one(calm.taken.functions)),
    );
    part.notes.extend(NOTES.iter().map(|it| (*it).to_owned()));
    Ok(part)
}

const NOTES: &[&str] = &[
    "The first DOFS reported about 200 ms for an answer and about 23 s from an order to its end, on AWS. Ours is \
     measured on an emulator on this machine, in Python: network and AWS itself are not in these figures, and \
     the emulator is slower than AWS under load.",
    "From taken to decided is `updated_at` minus `created_at` of an order's record. An answer is timed by `dofs \
     load`, with all that the emulated API Gateway does before and after the function.",
    "Processor time is what the kernel counts for the functions' processes, for the emulator's, and for `dofs \
     load` itself, divided by the number of orders.",
];

/// How many orders, and how fast.
#[derive(Debug, Clone, Copy)]
struct Orders {
    count: usize,
    in_a_second: u32,
}

/// The operator's command, and where its local system lies.
struct Dofs {
    program: PathBuf,
    root: PathBuf,
    local: PathBuf,
    functions: PathBuf,
}

impl Dofs {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.current_dir(&self.root).args(arguments).args(["--env", "dev", "--format", "json"]);
        // A system that somebody else has up stays what it is.
        command.env("DOFS_LOCAL_DIR", &self.local).env("DOFS_FUNCTIONS", &self.functions);
        command
    }

    /// Brings the system up, and waits until it takes orders.
    fn up(&self) -> anyhow::Result<System> {
        let mut told = tempfile::tempfile()?;
        let mut command = self.command(&["local", "up", "--fresh"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(told.try_clone()?);
        let process = command.spawn().context("dofs cannot be started")?;
        let mut system = System(process);
        let said = system.0.stdout.take().context("dofs has no output")?;
        // It says where it is once it is up, and goes on then.
        let mut said = serde_json::Deserializer::from_reader(said).into_iter::<Running>();
        match said.next() {
            Some(Ok(Running { environment })) if environment == "dev" => Ok(system),
            _ => bail!(
                "`dofs local up` brought nothing up:\n{}",
                measure::text(&mut told)?.trim_end()
            ),
        }
    }

    /// Places orders, and waits for their ends.
    fn load(&self, system: &System, orders: Orders) -> anyhow::Result<Load> {
        let (count, rate) = (orders.count.to_string(), orders.in_a_second.to_string());
        let mut command =
            self.command(&["load", "--seed", "7", "--count", &count, "--rate", &rate]);
        let before = Taken::below(system.0.id())?;
        let cost = measure::run(&mut command)?;
        let taken = Taken::below(system.0.id())?.since(before);
        let report: Report = serde_json::from_str(&cost.stdout)
            .with_context(|| format!("`dofs load` says something else:\n{}", cost.stdout))?;
        let decided = report.fulfilled + report.failed;
        ensure!(decided == orders.count, "of {} orders, {decided} were decided", orders.count);
        Ok(Load { orders, report, taken, load: cost.cpu, wall: cost.wall })
    }
}

/// A local system. It ends with this value.
struct System(Child);

impl System {
    /// Asks it to end, and waits until it has.
    fn down(mut self) -> anyhow::Result<()> {
        self.ask()?;
        self.0.wait()?;
        Ok(())
    }

    fn ask(&self) -> anyhow::Result<()> {
        if let Some(pid) = Pid::from_raw(i32::try_from(self.0.id())?) {
            kill_process(pid, Signal::TERM)?;
        }
        Ok(())
    }
}

impl Drop for System {
    fn drop(&mut self) {
        // What it has started ends with it, however it ends.
        if let Ok(None) = self.0.try_wait() {
            let _ = self.ask();
            let _ = self.0.wait();
        }
    }
}

/// What `dofs local up` says.
#[derive(Deserialize)]
struct Running {
    environment: String,
}

/// What `dofs load` says, as far as it is told here.
#[derive(Deserialize)]
struct Report {
    fulfilled: usize,
    failed: usize,
    call: Latency,
    order_to_end: Latency,
}

#[derive(Deserialize)]
struct Latency {
    count: usize,
    p50_ms: f64,
    p90_ms: f64,
    p99_ms: f64,
    max_ms: f64,
}

impl Latency {
    /// Its percentiles, and what the first DOFS reported, in seconds.
    fn rows(&self, reported: f64) -> Vec<Row> {
        let row = |label: &str, millis: f64| Row::new(label, Samples::once(millis / 1e3));
        vec![
            row(&format!("half of {}", self.count), self.p50_ms),
            row("nine in ten", self.p90_ms),
            row("99 in a hundred", self.p99_ms),
            row("the longest", self.max_ms),
            row("the first DOFS, reported", reported * 1e3),
        ]
    }
}

/// What came of some orders.
struct Load {
    orders: Orders,
    report: Report,
    taken: Taken,
    /// Seconds of processors that `dofs load` took.
    load: f64,
    /// Seconds from its start to its end.
    wall: f64,
}

impl Load {
    fn in_a_second(&self) -> f64 {
        self.orders.count as f64 / self.wall
    }

    /// What one order took of what all took.
    fn of_one(&self, seconds: f64) -> f64 {
        seconds / self.orders.count as f64
    }

    /// Who took the processors, for one order.
    fn shares(&self) -> Vec<Row> {
        let row = |label: &str, seconds: f64| Row::new(label, Samples::once(self.of_one(seconds)));
        vec![
            row("our functions", self.taken.functions),
            row("the emulated AWS", self.taken.emulator),
            row("dofs load", self.load),
        ]
    }
}
