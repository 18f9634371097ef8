//! The port that an emulator listens on.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    thread,
    time::{Duration, Instant},
};

/// A port that can be had. The emulator of a run that was killed may still be about to end, so a taken one is
/// asked for again.
pub(super) fn free(wanted: u16) -> io::Result<u16> {
    let begin = Instant::now();
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).and_then(|it| it.local_addr()) {
            Err(err)
                if err.kind() == io::ErrorKind::AddrInUse
                    && begin.elapsed() < Duration::from_secs(2) =>
            {
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
