//! The emulator starts, answers, and leaves nothing behind.

#![allow(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod support;

use std::{
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use local_aws::{Account, Emulator, EmulatorError};
use rustix::process::{Pid, test_kill_process_group};
use support::tools;

fn account(id: &str) -> Account {
    Account { id: id.to_owned(), region: "ap-south-1".to_owned() }
}

fn work() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("emulator")
}

fn start() -> Emulator {
    let account = account("111111111111");
    Emulator::start(&tools(), &work(), &account).unwrap_or_else(|err| panic!("{err}"))
}

/// Whether everything of a process group ends within a few seconds, and its port is free again.
fn ends(pid: u32, endpoint: &str) -> bool {
    let group = Pid::from_raw(pid.try_into().unwrap()).unwrap();
    let address = endpoint.strip_prefix("http://").unwrap();
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(10) {
        if test_kill_process_group(group).is_err() && TcpStream::connect(address).is_err() {
            return true;
        }
        thread::sleep(Duration::from_millis(50));
    }
    false
}

#[test]
fn two_emulators_run_at_the_same_time_and_leave_nothing() {
    let emulators = [start(), start()];
    assert_ne!(emulators[0].endpoint(), emulators[1].endpoint());
    for emulator in emulators {
        let (pid, endpoint) = (emulator.pid(), emulator.endpoint());
        assert!(emulator.is_healthy());
        drop(emulator);
        assert!(ends(pid, &endpoint), "{pid} is still there");
    }
}

#[test]
fn buckets_belong_to_accounts() {
    let emulator = start();
    let check = |id: &str, region: &str, name: &str, made: bool| {
        let account = Account { id: id.to_owned(), region: region.to_owned() };
        let said = emulator.make_bucket(&account, name);
        assert_eq!(said.is_ok(), made, "{said:?}");
        if let Err(err) = said {
            assert!(err.to_string().contains(name), "{err}");
        }
    };
    check("111111111111", "ap-south-1", "state-of-one", true);
    check("111111111111", "ap-south-1", "state-of-one", true);
    check("222222222222", "us-east-1", "state-of-two", true);
    check("111111111111", "ap-south-1", "No_Bucket", false);
}

#[test]
fn an_invalid_account_id_is_an_error() {
    fn check(id: &str) {
        let said = Emulator::start(&tools(), &work(), &account(id)).unwrap_err();
        assert!(matches!(said, EmulatorError::Account(_)), "{said}");
    }
    check("");
    check("11111111111");
    check("11111111111a");
}

/// The part of the test below that is killed.
#[test]
#[ignore = "another test starts it, and kills it"]
fn a_parent() {
    let emulator = start();
    let said = format!("{} {}", emulator.pid(), emulator.endpoint());
    fs::write(work().join("parent.new"), said).unwrap();
    fs::rename(work().join("parent.new"), work().join("parent.txt")).unwrap();
    thread::sleep(Duration::from_secs(10));
}

#[test]
fn an_emulator_ends_with_a_killed_parent() {
    fs::create_dir_all(work()).unwrap();
    let file = work().join("parent.txt");
    let _ = fs::remove_file(&file);
    tools();
    let mut parent = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_parent", "--ignored"])
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let begin = Instant::now();
    let said = loop {
        if let Ok(said) = fs::read_to_string(&file) {
            break said;
        }
        assert!(begin.elapsed() < Duration::from_secs(90) && parent.try_wait().unwrap().is_none());
        thread::sleep(Duration::from_millis(50));
    };
    parent.kill().unwrap();
    parent.wait().unwrap();
    let (pid, endpoint) = said.split_once(' ').unwrap();
    assert!(ends(pid.parse().unwrap(), endpoint), "{pid} is still there");
}
