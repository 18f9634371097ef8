//! Measures orders through the whole system on this machine: how many in a second, how long each takes, and what limits
//! them: the functions, the emulated AWS, or settings of Terraform.
//!
//! `dofs local up` starts the committed `generated/dev` on the emulated AWS, with the packed functions. `dofs load`
//! places the orders.

mod aws;
mod journey;
mod load;
mod processes;
mod settings;

use self::{
    aws::Aws,
    journey::Journeys,
    load::{Load, Orders},
    settings::SETTINGS,
};
use super::{
    report::{Bound, Part, Row, Samples, Table, Unit},
    setting::Setting,
    system::Dofs,
};
use crate::{package, workspace::said};

/// The figures that the first DOFS, on Node.js and AWS, reported.
const FIRST_ANSWER: f64 = 0.2;
const FIRST_ORDER: f64 = 23.0;

/// A rate of orders above the limit of the emulated AWS.
const MANY: u32 = 100;

/// Measures.
pub(super) fn measure(setting: &Setting) -> anyhow::Result<Part> {
    let functions = setting.folder("functions");
    package::for_this_machine(&functions)?;
    let mut cargo = ::processes::cargo::command();
    cargo.current_dir(&setting.workspace.root);
    cargo.args(["build", "--locked", "--package", "dofs"]);
    say!("  building dofs");
    said(cargo)?;
    let dofs = Dofs {
        start: vec![setting.workspace.target.join("debug/dofs").into()],
        folder: setting.workspace.root.clone(),
        // A local system that already runs is not touched.
        variables: vec![
            ("DOFS_LOCAL_DIR", Some(setting.folder("flow").into())),
            ("DOFS_FUNCTIONS", Some(functions.into())),
        ],
    };
    say!("  starting generated/dev");
    let system = dofs.up(&["--fresh"])?;
    let aws = Aws::of(&system.running);

    let mut part = setting.part(
        "Orders through generated/dev on the emulated AWS of this machine, from the request to the last write.",
    )?;
    // The first orders do work that happens once, such as starting functions and opening connections.
    Load::place(&dofs, &system, Orders { count: 20, in_a_second: 5 })?;
    let before = Journeys::read(&aws)?;
    say!("  orders one by one");
    let one_by_one = Orders { count: setting.rounds(80, 10), in_a_second: 2 };
    let calm = Load::place(&dofs, &system, one_by_one)?;
    let mut known = Journeys::read(&aws)?;
    let parts = known.clone().since(&before).parts()?;

    say!("  as many orders as it takes");
    let many = Orders { count: setting.rounds(300, 60), in_a_second: MANY };
    let busy = Load::place(&dofs, &system, many)?;
    let mut paces = Vec::new();
    let mut pace = |name: &str| {
        let now = Journeys::read(&aws)?;
        let pace = now.clone().since(&known).in_a_second()?;
        known = now;
        paces.push(Row::new(name, Samples::once(pace)));
        anyhow::Ok(pace)
    };
    let first = pace("as generated")?;
    let mut last = (first, busy.of_one(busy.taken.emulator));
    for it in &SETTINGS {
        say!("  {}", it.name);
        (it.change)(&aws)?;
        let load = Load::place(&dofs, &system, many)?;
        last = (pace(it.name)?, load.of_one(load.taken.emulator));
    }
    system.down()?;

    let loads = [("two orders a second", &calm), ("as many orders as it takes", &busy)];
    let table = |title: &str, rows: &dyn Fn(&Load) -> Vec<Row>| {
        let groups = loads.iter();
        let rows = groups.flat_map(|(name, it)| rows(it).into_iter().map(|row| row.within(*name)));
        Table::new(title, Unit::Seconds, rows.collect())
    };
    part.tables = vec![
        Table::new("Orders decided in a second", Unit::PerSecond, paces),
        Table::new("The time of an order by phase, at two orders a second", Unit::Seconds, parts),
        table("Processor time of one order", &Load::shares),
        table("The answer", &|it| it.report.call.rows(FIRST_ANSWER)),
        table("From taken to decided", &|it| it.report.order_to_end.rows(FIRST_ORDER)),
    ];
    part.bounds.extend([
        Bound::at_most(
            "the median answer to an order, compared with 200 ms",
            calm.report.call.p50_ms / 1e3,
            FIRST_ANSWER,
            Unit::Seconds,
        ),
        Bound::at_most(
            "the median time from an order to its end, compared with 23 s",
            calm.report.order_to_end.p50_ms / 1e3,
            FIRST_ORDER,
            Unit::Seconds,
        ),
    ]);
    part.headline = format!(
        "The emulated AWS of one machine decides {} orders a second as generated/dev sets it up, and {} without the \
         limits of the API and of the batches at once. An order is answered within {} and decided {} later; our functions \
         compute for {} of that, the emulator for {}. The first DOFS reported about 200 ms and 23 s, on AWS.",
        Unit::Count.tell(first),
        Unit::Count.tell(last.0),
        Unit::Seconds.tell(calm.report.call.p50_ms / 1e3),
        Unit::Seconds.tell(calm.report.order_to_end.p50_ms / 1e3),
        Unit::Seconds.tell(calm.of_one(calm.taken.functions)),
        Unit::Seconds.tell(calm.of_one(calm.taken.emulator)),
    );
    part.notes = vec![format!(
        "As generated, {} calls for {} orders were refused by the API's limit, which Terraform sets, and sent again. Without \
         limits, an order takes the emulator {} of a core, and one core is all that it uses.",
        busy.report.throttled,
        busy.orders.count,
        Unit::Seconds.tell(last.1),
    )];
    part.notes.extend(NOTES.iter().map(|it| (*it).to_owned()));
    Ok(part)
}

const NOTES: &[&str] = &[
    "Orders decided in a second are counted from the first `created_at` to the last `updated_at` of the records, with a \
     hundred orders placed in a second. The settings are changed in the emulated AWS while it runs. It applies the limits of \
     the API and of the batches immediately; the memory of a function and the window of a batch it stores and ignores, so \
     their share is not in these figures. In dev the window is 0 s, so it costs nothing on AWS, either.",
    "The first DOFS reported about 200 ms for an answer and about 23 s from an order to its end, on AWS. Ours is \
     measured on an emulator on this machine, in Python: network and AWS itself are not in these figures, and \
     the emulator is slower than AWS under load.",
    "From taken to decided is `updated_at` minus `created_at` of an order's record; the state machine's part of it ends \
     with its execution. An answer is timed by `dofs load`, with all that the emulated API Gateway does before and after \
     the function.",
    "Of the state machine's part, 150 ms are a pause with which the emulator (ministack 1.5.33) begins every execution.",
    "Processor time is what the kernel counts for the functions' processes, for the emulator's, and for `dofs \
     load` itself, divided by the number of orders.",
];
