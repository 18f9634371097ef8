//! A run of the suite: the ready jobs, the running jobs, and the ended ones.

mod count;

use std::{
    collections::{BTreeSet, VecDeque},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use contracts::functions::FunctionName;
use fs_err as fs;

use super::{
    Options, Variable,
    build::{self, Build, Event},
    changed::Touched,
    job::{self, End, Ended, Job},
    program::{Id, Program},
    report::Report,
    schedule::{self, Load, Room},
    step::{LIMIT, STEPS, Step},
    table,
    times::Times,
};
use crate::{browser, workspace::Workspace};

/// How often the suite checks for built programs and ended jobs.
const PAUSE: Duration = Duration::from_millis(50);

/// The problem of a build that compiles the generator and its dependencies a second time.
const AGAIN: &str = "cargo built infra-gen again, with other features or settings than for xtask
  fix: start the suite by `cargo xtask test`; xtask/launcher must build as xtask/src/suite/build.rs";

/// A job: a test program or a step.
#[derive(Debug, Clone)]
enum Work {
    Program(Program),
    Step(&'static Step),
}

/// A job that has not begun.
struct Ready {
    work: Work,
    load: Load,
    seconds: Option<u64>,
    /// Whether it may need the browser, or the functions that the emulator runs.
    is_outside: bool,
    /// Whether it begins only when all other jobs have ended.
    is_last: bool,
}

pub(crate) struct Run {
    options: Options,
    touched: Touched,
    workspace: Workspace,
    variables: Vec<Variable>,
    room: Room,
    times: Times,
    /// The folder for the output of jobs.
    folder: PathBuf,
    began: Instant,
    build: Option<Build>,
    /// The builds that have not begun.
    builds: VecDeque<Vec<&'static str>>,
    built: BTreeSet<Id>,
    /// The messages of the builds that the suite could not read.
    problems: Vec<String>,
    /// The thread that installs a browser.
    browser: Option<JoinHandle<()>>,
    /// The functions that are not built yet.
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
        variables: Vec<Variable>,
        temporary: &Path,
        is_over: &Arc<AtomicBool>,
    ) -> anyhow::Result<Self> {
        // The durations are shared by all runs. The output of each run has its own folder, because two may run at once.
        let kept = workspace.target.join("suite");
        fs::create_dir_all(&kept)?;
        let folder = temporary.join("output");
        fs::create_dir(&folder)?;
        let memory = processes::machine().context("the machine's memory is not known")?.memory;
        let mut run = Run {
            options,
            touched,
            variables,
            room: Room::of(thread::available_parallelism()?.get(), memory),
            times: Times::read(&kept),
            folder,
            began: Instant::now(),
            build: None,
            builds: build::builds(options.quick).into(),
            built: BTreeSet::new(),
            problems: Vec::new(),
            browser: None,
            functions: FunctionName::BINS.into(),
            generator: None,
            ready: Vec::new(),
            running: Vec::new(),
            report: Report::default(),
            workspace,
        };
        run.start_the_next_build()?;
        if !run.options.quick {
            let is_over = is_over.clone();
            run.browser = Some(thread::spawn(move || browser::prepare(&is_over)));
        }
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
        let about = (step.about)();
        if let Some(why) = step.skipped() {
            self.report.skipped(step.name, why);
        } else if self.options.quick && !step.is_quick {
            self.report.skipped(step.name, "--quick");
        } else if !about.is_empty() && !about.iter().any(|it| self.touched.has_package(it)) {
            self.report.skipped(step.name, "--changed");
        } else {
            let work = Work::Step(step);
            let seconds = self.times.of(&work.name()).or(Some(step.seconds));
            let load = step.load(self.room.cores);
            self.ready.push(Ready { work, load, seconds, is_outside: false, is_last: false });
        }
    }

    fn add_program(&mut self, program: Program) {
        // A later build reports programs again that an earlier one has built.
        if !self.built.insert(program.id.clone()) {
            return;
        }
        let name = program.id.name();
        let known = table::of(&name);
        let is_outside = known.is_some_and(|it| it.is_outside);
        let is_last = known.is_some_and(|it| it.is_last);
        // The last programs check what the others do, so a change of those affects them, too.
        let is_touched = is_last || self.touched.has_program(&program.id);
        if self.options.quick && is_outside || !is_touched {
            return;
        }
        self.ready.push(Ready {
            load: known.map_or(Load::Computes, |it| it.load),
            seconds: self.times.of(&name).or(known.map(|it| it.seconds)),
            is_outside,
            is_last,
            work: Work::Program(program),
        });
    }

    /// Starts jobs and reports ended ones, until no job is left.
    pub(crate) fn until_the_end(&mut self, interrupted: &AtomicBool) -> anyhow::Result<()> {
        while self.build.is_some() || !self.ready.is_empty() || !self.running.is_empty() {
            if interrupted.load(Ordering::Relaxed) {
                bail!("interrupted: what ran was ended");
            }
            self.hear_from_the_build()?;
            self.end_what_has_ended();
            while self.start_the_next() {}
            thread::sleep(PAUSE);
        }
        self.times.write()
    }

    fn hear_from_the_build(&mut self) -> anyhow::Result<()> {
        let Some(build) = &mut self.build else { return Ok(()) };
        let (events, status) = build.heard()?;
        for event in events {
            match event {
                Event::Line(line) => say!("{line}"),
                Event::Problem(problem) => self.problems.push(problem),
                Event::Program(program) => self.add_program(program),
                // Incremental files make another library of it.
                Event::GeneratorAgain if self.options.builds_once() => {
                    self.problems.push(AGAIN.to_owned());
                }
                Event::GeneratorAgain => (),
                Event::Binary(binary) => {
                    self.functions.retain(|it| *it != binary.name);
                    if binary.name == "infra-gen" {
                        self.generator = Some(binary.executable);
                    }
                }
            }
        }
        if let Some(status) = status
            && let Some(Build { words, .. }) = self.build.take()
        {
            let ended = Ended::of(End::Exited(status), self.began.elapsed());
            say!("== build: {status}, {} s", ended.took.as_secs());
            // The last build includes everything that earlier ones built, so a crate that does not compile counts once.
            if self.builds.is_empty() {
                self.count_the_build(&ended, &words);
            }
            self.start_the_next_build()?;
        }
        Ok(())
    }

    fn start_the_next(&mut self) -> bool {
        // If the build ended without the functions, their tests run nevertheless, and say what is missing.
        let is_prepared = self.browser.as_ref().is_none_or(JoinHandle::is_finished)
            && (self.functions.is_empty() || self.build.is_none());
        let all_else_has_ended = self.build.is_none()
            && self.running.is_empty()
            && self.ready.iter().all(|it| it.is_last);
        let may =
            |it: &Ready| (is_prepared || !it.is_outside) && (all_else_has_ended || !it.is_last);
        let able: Vec<usize> = (0..self.ready.len()).filter(|it| may(&self.ready[*it])).collect();
        let loads: Vec<_> =
            able.iter().map(|it| &self.ready[*it]).map(|it| (it.load, it.seconds)).collect();
        let building = self.build.iter().map(|_| Load::Cargo(self.room.cores));
        let running: Vec<_> = self.running.iter().map(|it| it.1).chain(building).collect();
        let Some(next) = schedule::next(&loads, &running, self.room) else { return false };
        let Ready { work, load, is_last, .. } = self.ready.remove(able[next]);
        match self.start(&work, load, is_last) {
            Ok(job) => self.running.push((work, load, job)),
            Err(err) => self.broke(&work, &err),
        }
        true
    }

    fn start(&self, work: &Work, load: Load, is_last: bool) -> anyhow::Result<Job> {
        let mut command = match work {
            Work::Program(program) => program.command(&self.workspace),
            Work::Step(step) => step.command(self.generator.as_ref(), self.room.cores)?,
        };
        if is_last {
            command.arg("--include-ignored");
        }
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        if let Load::Waits(tests) | Load::Quiet(tests) = load {
            command.env("RUST_TEST_THREADS", tests.to_string());
        }
        // The programs that a waiting job uses would time out if it got little processor time.
        let can_wait = matches!(load, Load::Computes | Load::Cargo(_));
        let job = Job::start(command, &self.folder, &work.name(), can_wait)?;
        say!("-- {} begins", work.name());
        Ok(job)
    }

    fn end_what_has_ended(&mut self) {
        for (work, load, mut job) in std::mem::take(&mut self.running) {
            match job.ended(work.limit()) {
                Ok(None) => self.running.push((work, load, job)),
                Ok(Some(ended)) => self.tell(&work, &ended),
                Err(err) => {
                    self.broke(&work, &err);
                    if let Err(err) = job.end() {
                        say!("{} was not ended: {err:#}", work.name());
                    }
                }
            }
        }
    }

    /// Ends all running jobs. If one cannot be ended, the others are ended nevertheless.
    pub(crate) fn end_all(&mut self) -> anyhow::Result<()> {
        let jobs = std::mem::take(&mut self.running).into_iter().map(|it| it.2.end());
        let build = self.build.take().map(|mut build| job::end(&mut build.cargo));
        let outcomes: Vec<anyhow::Result<()>> = jobs.chain(build).collect();
        outcomes.into_iter().collect()
    }

    /// Waits for the thread that installs a browser.
    pub(crate) fn join_the_browser(&mut self) {
        if let Some(browser) = self.browser.take()
            && browser.join().is_err()
        {
            say!("what installs a browser has panicked (see above)");
        }
    }
}

impl Work {
    fn name(&self) -> String {
        match self {
            Work::Program(program) => program.id.name(),
            Work::Step(step) => step.name.to_owned(),
        }
    }

    fn limit(&self) -> Duration {
        match self {
            Work::Program(_) => LIMIT,
            Work::Step(step) => step.limit(),
        }
    }
}

#[cfg(test)]
mod tests;
