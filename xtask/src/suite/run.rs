//! A run: what is ready, what runs, and what has ended.

use std::{
    collections::{BTreeSet, VecDeque},
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
    thread::{self, JoinHandle},
    time::Duration,
};

use anyhow::bail;
use fs_err as fs;

use super::{
    Options, Variable,
    build::{self, Build, Event},
    changed::Touched,
    job::{self, End, Ended, Job},
    program::{Id, Program},
    report::{Report, of_program, of_step, problem},
    schedule::{self, Load},
    step::{STEPS, Step},
    table,
    times::Times,
};
use crate::{
    libtest::{Reader, Tally},
    package::BINARIES,
    workspace::Workspace,
};

/// A program that runs longer hangs. The longest takes a third of it on two cores.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// How often the suite looks for what is built and what has ended.
const PAUSE: Duration = Duration::from_millis(50);

/// What is run, and what it is called.
#[derive(Debug, Clone)]
enum Work {
    Program(Program),
    Step(&'static Step),
}

/// Work that has not begun.
struct Ready {
    work: Work,
    load: Load,
    seconds: Option<u64>,
    /// Whether it may need the browser, or the functions, which the emulator runs.
    is_outside: bool,
}

pub(crate) struct Run {
    options: Options,
    touched: Touched,
    workspace: Workspace,
    variables: Vec<Variable>,
    cores: usize,
    times: Times,
    folder: PathBuf,
    build: Option<Build>,
    /// The builds that have not begun.
    builds: VecDeque<Vec<&'static str>>,
    built: BTreeSet<Id>,
    /// What installs a browser.
    browser: Option<JoinHandle<()>>,
    /// The functions that are not built.
    functions: BTreeSet<&'static str>,
    generator: Option<PathBuf>,
    ready: Vec<Ready>,
    running: Vec<(Work, Load, Job)>,
    pub(crate) report: Report,
}

impl Run {
    pub(crate) fn begin(
        options: Options,
        touched: Touched,
        workspace: Workspace,
        browser: Option<JoinHandle<()>>,
        variables: Vec<Variable>,
    ) -> anyhow::Result<Self> {
        let folder = workspace.target.join("suite");
        fs::create_dir_all(&folder)?;
        let mut run = Run {
            options,
            touched,
            variables,
            cores: thread::available_parallelism()?.get(),
            times: Times::read(&folder),
            folder,
            build: None,
            builds: build::builds(options.quick).into(),
            built: BTreeSet::new(),
            browser,
            functions: BINARIES.into(),
            generator: None,
            ready: Vec::new(),
            running: Vec::new(),
            report: Report::default(),
            workspace,
        };
        run.start_the_next_build()?;
        STEPS.iter().for_each(|it| run.add_step(it));
        Ok(run)
    }

    fn start_the_next_build(&mut self) -> anyhow::Result<()> {
        if let Some(words) = self.builds.pop_front() {
            say!("== build: cargo {}", words.join(" "));
            self.build = Some(Build::start(words, &self.variables)?);
        }
        Ok(())
    }

    fn add_step(&mut self, step: &'static Step) {
        if let Some(why) = step.skipped() {
            self.report.skipped(step.name, why);
        } else if self.options.quick && !step.is_quick {
            self.report.skipped(step.name, "--quick");
        } else if step.about.is_some_and(|it| !self.touched.has_package(it)) {
            self.report.skipped(step.name, "--changed");
        } else {
            let work = Work::Step(step);
            let seconds = self.times.of(&work.name()).or(Some(step.seconds));
            let load = step.load(self.cores);
            self.ready.push(Ready { work, load, seconds, is_outside: false });
        }
    }

    fn add_program(&mut self, program: Program) {
        // A later build names again what an earlier one has built.
        if !self.built.insert(program.id.clone()) {
            return;
        }
        let name = program.id.name();
        let known = table::of(&name);
        let is_outside = known.is_some_and(|it| it.is_outside);
        if self.options.quick && is_outside || !self.touched.has_program(&program.id) {
            return;
        }
        self.ready.push(Ready {
            load: known.map_or(Load::Computes, |it| it.load),
            seconds: self.times.of(&name).or(known.map(|it| it.seconds)),
            is_outside,
            work: Work::Program(program),
        });
    }

    /// Starts what may start and tells what has ended, until nothing is left to do.
    pub(crate) fn until_the_end(&mut self, interrupted: &AtomicBool) -> anyhow::Result<()> {
        while self.build.is_some() || !self.ready.is_empty() || !self.running.is_empty() {
            if interrupted.load(Ordering::Relaxed) {
                bail!("interrupted: what ran was ended");
            }
            self.hear_from_the_build()?;
            self.end_what_has_ended()?;
            while self.start_the_next()? {}
            thread::sleep(PAUSE);
        }
        self.times.write()
    }

    fn hear_from_the_build(&mut self) -> anyhow::Result<()> {
        let Some(build) = &mut self.build else { return Ok(()) };
        // First: what it says before it ends is there then.
        let status = build.cargo.try_wait()?;
        for event in build.heard(status.is_some()) {
            match event {
                Event::Line(line) => say!("{line}"),
                Event::Program(program) => self.add_program(program),
                Event::Binary(binary) => {
                    self.functions.retain(|it| *it != binary.name);
                    if binary.name == "infra-gen" {
                        self.generator = Some(binary.executable);
                    }
                }
            }
        }
        if let Some(status) = status
            && let Some(Build { words, began, .. }) = self.build.take()
        {
            let ended = Ended::of(End::Exited(status), began.elapsed());
            say!("== build: {} s", ended.took.as_secs());
            let tally = of_step(&ended, Tally::default());
            self.report.step("build", tally, ended.took, format!("cargo {}", words.join(" ")));
            self.start_the_next_build()?;
        }
        Ok(())
    }

    fn start_the_next(&mut self) -> anyhow::Result<bool> {
        // Where the build has ended without the functions, each test says what it lacks.
        let is_prepared = self.browser.as_ref().is_none_or(JoinHandle::is_finished)
            && (self.functions.is_empty() || self.build.is_none());
        let may = |it: &Ready| is_prepared || !it.is_outside;
        let able: Vec<usize> = (0..self.ready.len()).filter(|it| may(&self.ready[*it])).collect();
        let loads: Vec<_> =
            able.iter().map(|it| &self.ready[*it]).map(|it| (it.load, it.seconds)).collect();
        let building = self.build.iter().map(|_| Load::Cargo(self.cores));
        let running: Vec<_> = self.running.iter().map(|it| it.1).chain(building).collect();
        let Some(next) = schedule::next(&loads, &running, self.cores) else { return Ok(false) };
        let Ready { work, load, .. } = self.ready.remove(able[next]);
        let mut command = match &work {
            Work::Program(program) => program.command(&self.workspace),
            Work::Step(step) => step.command(self.generator.as_ref(), self.cores)?,
        };
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Load::Waits(tests) = load {
            command.env("RUST_TEST_THREADS", tests.to_string());
        }
        // What waits has others wait for it in turn, who lose their patience.
        let can_wait = matches!(load, Load::Computes | Load::Cargo(_));
        let job = Job::start(command, &self.folder, &work.name(), can_wait)?;
        say!("-- {} begins", work.name());
        self.running.push((work, load, job));
        Ok(true)
    }

    fn end_what_has_ended(&mut self) -> anyhow::Result<()> {
        for (work, load, mut job) in std::mem::take(&mut self.running) {
            match job.ended(LIMIT)? {
                None => self.running.push((work, load, job)),
                Some(ended) => self.tell(&work, &ended),
            }
        }
        Ok(())
    }

    /// Prints what a job has said, all of it at once, and counts it.
    fn tell(&mut self, work: &Work, ended: &Ended) {
        let name = work.name();
        let outcome = problem(ended).unwrap_or_else(|| "ok".to_owned());
        let took = ended.took.as_secs();
        say!("\n== {name}: {outcome}, {took} s\n{}{}", ended.stderr, ended.stdout);
        let tally = match work {
            Work::Program(program) => {
                let tally = of_program(ended, Reader::read(&ended.stdout));
                let again = program.id.again(&tally.failures);
                self.report.program(&name, tally.clone(), &ended.stdout, again);
                tally
            }
            Work::Step(step) => {
                let tally = of_step(ended, step.counted(&ended.stdout));
                self.report.step(&name, tally.clone(), ended.took, step.again());
                tally
            }
        };
        if tally.failed == 0 {
            self.times.took(name, ended.took);
        }
    }

    pub(crate) fn end_all(&mut self) -> anyhow::Result<()> {
        let jobs = std::mem::take(&mut self.running).into_iter().map(|it| it.2.end());
        let build = self.build.take().map(|mut build| job::end(&mut build.cargo));
        jobs.chain(build).collect()
    }
}

impl Work {
    fn name(&self) -> String {
        match self {
            Work::Program(program) => program.id.name(),
            Work::Step(step) => step.name.to_owned(),
        }
    }
}
