//! The one thread that writes.
//!
//! Owns: the writing connection, the bounded channel to it, and that every command is one
//! transaction whose result is sent back. Must not know: any table.

use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::StoreError;
use crate::domain::quick;

/// Commands that may wait. Callers block for their reply, so more than a few mean many threads.
const QUEUE: usize = 64;

type Command = Box<dyn FnOnce(&mut Connection) + Send>;

/// Handle to the writing thread; the thread ends when the handle is dropped.
pub(super) struct Actor {
    commands: Option<SyncSender<Command>>,
    thread: Option<JoinHandle<()>>,
}

impl Actor {
    /// Starts the thread on its connection.
    pub fn start(mut connection: Connection) -> Self {
        let (commands, queue) = sync_channel::<Command>(QUEUE);
        let thread = std::thread::spawn(move || {
            for command in queue {
                command(&mut connection);
            }
        });
        Self { commands: Some(commands), thread: Some(thread) }
    }

    /// Runs `work` in one transaction on the writing thread and waits for its result. An error rolls
    /// everything back; `Ok` means it is on the disk.
    pub fn call<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        quick::may_take_long("storage");
        let (reply, answer) = sync_channel(1);
        let command: Command = Box::new(move |connection| {
            let result = in_transaction(connection, work);
            if reply.send(result).is_err() {
                tracing::debug!("nobody waits for a reply of the cache any more");
            }
        });
        let commands = self.commands.as_ref().ok_or(StoreError::Closed)?;
        match commands.try_send(command) {
            Ok(()) => {}
            Err(TrySendError::Full(command)) => {
                tracing::warn!(queue = QUEUE, "the cache's queue is full; waiting");
                commands.send(command).map_err(|_| StoreError::Closed)?;
            }
            Err(TrySendError::Disconnected(_)) => return Err(StoreError::Closed),
        }
        answer.recv().map_err(|_| StoreError::Closed)?
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        drop(self.commands.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the cache's writing thread ended with a panic");
        }
    }
}

fn in_transaction<T>(
    connection: &mut Connection,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    // Immediate: a command that reads before it writes must not find the file taken halfway.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let result = work(&transaction)?;
    transaction.commit()?;
    Ok(result)
}
