//! The port of an emulator.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    thread,
    time::{Duration, Instant},
};

/// How long to wait for a requested port: the emulator of a killed run may still be ending, or the port may be the local end of
/// another program's connection.
const PATIENCE: Duration = Duration::from_secs(8);

/// Returns the requested port once it is free, or a free one for 0.
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

/// Whether the log of an emulator says that its port is in use.
pub(super) fn is_taken(log: &str) -> bool {
    log.to_lowercase().contains("already in use")
}
