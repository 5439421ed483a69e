//! `touchstone outbox list` and `touchstone outbox retry`.

use kernel::{Delivery, DeliveryState, Limit, OutboxEntry, PageRequest};
use uuid::Uuid;

use super::attach::{Attached, refused};
use crate::{
    config::Settings,
    exit::{Exit, Failure},
    output,
};

pub(super) async fn list(settings: &Settings, waiting: bool) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let state = if waiting { DeliveryState::Waiting } else { DeliveryState::Dead };
    let listed = print_all(&attached, state).await;
    attached.close(listed).await
}

pub(super) async fn retry(settings: &Settings, id: Option<Uuid>) -> Result<(), Failure> {
    let attached = Attached::open(settings).await?;
    let retried = attached.platform.outbox.retry(id, attached.platform.clock.now()).await.map_err(refused);
    match (attached.close(retried).await?, id) {
        (0, Some(id)) => Err(Failure::new(Exit::Refused, format!("{id} is not among what was given up"))),
        (count, _) => {
            output::line(format_args!("{count} back in the queue."));
            Ok(())
        }
    }
}

async fn print_all(attached: &Attached, state: DeliveryState) -> Result<(), Failure> {
    let mut page = PageRequest { limit: Limit::MOST, after: None };
    let mut count = 0;
    loop {
        let part = attached.platform.outbox.list(state, &page).await.map_err(refused)?;
        count += part.items.len();
        part.items.iter().for_each(|entry| output::line(line(entry, state)));
        page.after = part.next;
        if page.after.is_none() {
            break;
        }
    }
    match (count, state) {
        (0, DeliveryState::Waiting) => output::line("Nothing waits."),
        (0, DeliveryState::Dead) => output::line("Nothing was given up."),
        _ => {}
    }
    Ok(())
}

/// Never what the delivery carries.
fn line(entry: &OutboxEntry, state: DeliveryState) -> String {
    let OutboxEntry { delivery, due_at, last_error, .. } = entry;
    let fate = match state {
        DeliveryState::Waiting => format!("due {due_at}"),
        DeliveryState::Dead => "given up".to_owned(),
    };
    let said =
        last_error.as_deref().map_or_else(String::new, |error| format!("  {}", error.replace('\n', " ")));
    let Delivery { id, topic, lane, occurred_at, attempts, .. } = delivery;
    format!("{id}  {occurred_at}  {}  {topic}  {attempts} attempts  {fate}{said}", lane.name())
}
