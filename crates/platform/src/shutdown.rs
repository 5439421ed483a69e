//! Stopping: the signals that ask for it, and how tasks hear of it.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
    time,
};

/// Tells tasks to stop; dropping it does, too.
#[derive(Debug)]
pub struct Stop(watch::Sender<bool>);

/// Hears it.
#[derive(Debug, Clone)]
pub struct Stopping(watch::Receiver<bool>);

/// Both ends.
pub fn channel() -> (Stop, Stopping) {
    let (sender, receiver) = watch::channel(false);
    (Stop(sender), Stopping(receiver))
}

impl Stop {
    /// Now.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stopping {
    /// Whether it was said.
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Resolves when it is said.
    pub async fn stopped(&mut self) {
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }

    /// Waits; `false` when it is time to stop.
    pub async fn sleep(&mut self, pause: Duration) -> bool {
        time::timeout(pause, self.stopped()).await.is_err()
    }
}

/// The signals that ask the program to end: Ctrl-C, SIGTERM, and SIGHUP of a terminal that goes away.
#[derive(Debug)]
pub struct Signals([Signal; 3]);

impl Signals {
    /// From now on they do not end the process by themselves.
    pub fn listen() -> io::Result<Self> {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let [interrupt, terminate, hangup] = kinds.map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    /// The next one.
    pub async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}
