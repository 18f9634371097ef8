//! Reads the commands in the README and in `docs/local.md`.

use std::{collections::VecDeque, fs, net::TcpListener};

use crate::support::{Place, Ran, Running, repository};

/// The commands for a local system in both documents, in order.
pub(crate) struct Readme<'p> {
    place: &'p Place,
    left: VecDeque<String>,
    /// The variables that the commands have set, and those that the reader has to set.
    variables: String,
    last: Vec<String>,
}

impl<'p> Readme<'p> {
    /// Reads the commands, for a place whose `cargo` and `dofs` are the program under test. It replaces the port, which may be
    /// in use.
    pub(crate) fn read(place: &'p Place) -> Self {
        let section = |file: &str, heading: &str| {
            let text = fs::read_to_string(repository().join(file)).unwrap();
            let (_, section) = text.split_once(&format!("\n## {heading}\n")).unwrap();
            section.split_once("\n## ").unwrap().0.to_owned()
        };
        let begin = section("README.md", "Run it on your machine");
        let section = begin + &section("docs/local.md", "The first ten minutes");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let section = section.replace("4566", &port.to_string());
        let blocks = section.split("```sh\n").skip(1).map(|it| it.split_once("```").unwrap().0);
        let lines = blocks.collect::<String>().replace("\\\n", "");
        let commands = lines.lines().filter(|it| !it.starts_with('#') && !it.is_empty());
        Readme {
            place,
            left: commands.map(str::to_owned).collect(),
            variables: String::new(),
            last: Vec::new(),
        }
    }

    /// Sets a variable that the reader has to set.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.push_str(&format!("{name}='{value}'\n"));
    }

    /// Runs the next command to its end. It must begin with this text.
    #[track_caller]
    pub(crate) fn run(&mut self, begins: &str) -> Ran {
        let command = self.next(begins);
        self.place.run_in_shell(&format!("{}{command}", self.variables))
    }

    /// Repeats the last command that begins with this text.
    #[track_caller]
    pub(crate) fn again(&self, begins: &str) -> Ran {
        let command = self.last.iter().rev().find(|it| it.starts_with(begins)).unwrap();
        self.place.run_in_shell(&format!("{}{command}", self.variables))
    }

    /// Starts the next command. It must begin with this text.
    #[track_caller]
    pub(crate) fn start(&mut self, begins: &str) -> Running {
        let command = self.next(begins);
        self.place.start_in_shell(&format!("{}exec {command}", self.variables))
    }

    /// Checks that every command was run.
    #[track_caller]
    pub(crate) fn is_done(&self) {
        assert!(self.left.is_empty(), "{:#?}", self.left);
    }

    #[track_caller]
    fn next(&mut self, begins: &str) -> String {
        while let Some(command) = self.left.pop_front() {
            let name = command.split_once('=').map_or("", |(name, _)| name);
            if !name.is_empty() && name.bytes().all(|it| it.is_ascii_uppercase()) {
                self.variables.push_str(&format!("{command}\n"));
                continue;
            }
            assert!(command.starts_with(begins), "the README says {command:?}, not {begins:?}");
            self.last.push(command.clone());
            return command;
        }
        panic!("the README does not say {begins:?} any more")
    }
}
