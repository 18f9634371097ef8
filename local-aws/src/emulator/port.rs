//! The port that an emulator listens on.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    thread,
    time::{Duration, Instant},
};

/// How long a port that is wanted may be taken: the emulator of a run that was killed is about to end, or a connection
/// that another program has opened got this port for its own end.
const PATIENCE: Duration = Duration::from_secs(8);

/// A port that can be had.
pub(super) fn free(wanted: u16) -> io::Result<u16> {
    let begin = Instant::now();
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).and_then(|it| it.local_addr()) {
            Err(err) if err.kind() == io::ErrorKind::AddrInUse && begin.elapsed() < PATIENCE => {
                thread::sleep(Duration::from_millis(50));
            }
            outcome => return Ok(outcome?.port()),
        }
    }
}

/// Whether an emulator has ended because its port was taken, by what it said.
pub(super) fn is_taken(log: &str) -> bool {
    log.to_lowercase().contains("already in use")
}
