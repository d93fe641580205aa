//! Facts that come late, and journals that have lost some: who drives an order by now, and what the journal has forgotten,
//! changes nothing about what was carried out.

use shared::{
    Code, Outcome, Problem,
    order::{OrderEvent, OrderState},
};

use super::{
    Change, Entry, Fence, Journal, JournalError, NewRow,
    history::{self, HistoryLine},
    limits::counted,
    overtaken, units,
};

impl Journal {
    /// Records what became of an attempt that this proxy made, although another one drives the order by now: a lease is a
    /// right to send, and not a right to know. Where nothing has happened since, or the journal is behind, that is all;
    /// what was carried out is placed whatever has happened since; and anything else is a line of the history. Returns the
    /// order as it stands.
    pub(crate) async fn record_late(
        &self,
        entry: &Entry,
        event: Option<OrderEvent>,
        change: Change,
    ) -> Result<Entry, JournalError> {
        let found = self.entry(&entry.order.token).await?;
        let Some(now) = found else {
            self.put_back(entry).await?;
            return Box::pin(self.record_late(entry, event, change)).await;
        };
        let note = "The answer to an attempt of a proxy that had lost its lease.";
        let change = Change { note: change.note.or_else(|| Some(note.to_owned())), ..change };
        let (ours, state) = (&entry.order, now.order.state);
        let is_behind = now.order.attempts < ours.attempts;
        let is_unchanged = (state, now.order.attempts, now.order.updated_at, now.in_doubt)
            == (ours.state, ours.attempts, ours.updated_at, entry.in_doubt);
        if is_behind || is_unchanged {
            // What else a journal that is behind has lost is unknown: a refusal settles nothing there.
            let (event, change) = match event {
                Some(OrderEvent::Refused) if is_behind => {
                    let note = change.note.clone();
                    (None, Change { answered: change.answered, note, ..in_doubt(LOST) })
                }
                event => (event, change),
            };
            let after = event.map_or(Some(ours.state), |event| ours.state.after(event));
            let after = after.ok_or_else(|| overtaken(entry))?;
            let entry = Entry { owner: now.owner.clone(), ..entry.clone() };
            return self.write(&now, &entry, after, event.into(), change, Fence::None).await;
        }
        // What is named already stays.
        let (order_id, desktop_id) = (&now.order.order_id, &now.order.desktop_id);
        let change = Change {
            order_id: change.order_id.filter(|_| order_id.is_none()),
            desktop_id: change.desktop_id.filter(|_| desktop_id.is_none()),
            ..change
        };
        let is_confirmed = event == Some(OrderEvent::Confirmed);
        if let Some(placed) = state.after_late_confirmation().filter(|_| is_confirmed) {
            return self.write(&now, &now, placed, event.into(), change, Fence::None).await;
        }
        let told = Change { in_doubt: now.in_doubt, attempts: 0, problem: now.order.problem.clone(), ..change };
        self.write(&now, &now, state, None.into(), told, Fence::None).await
    }

    /// Brings a journal up to date that has lost what was recorded about an order that this proxy drives, as a database
    /// does that fails over to a replica without the last commits. The order is in doubt afterwards. Whether it was behind.
    pub(crate) async fn catch_up(&self, entry: &Entry) -> Result<bool, JournalError> {
        let Some(now) = self.entry(&entry.order.token).await? else {
            self.put_back(entry).await?;
            return Ok(true);
        };
        let is_behind = now.order.attempts < entry.order.attempts;
        if is_behind {
            let entry = Entry { owner: now.owner.clone(), ..entry.clone() };
            self.write(&now, &entry, OrderState::Sending, None.into(), in_doubt(LOST), Fence::None).await?;
        }
        Ok(is_behind)
    }

    /// Records an order again that the journal has lost.
    async fn put_back(&self, entry: &Entry) -> Result<Entry, JournalError> {
        let mut transaction = self.database.begin().await?;
        let number = history::take_numbers(&mut transaction, 1).await?;
        let (order, units) = (entry.order.clone(), units(&entry.new.operation));
        let amount = counted(&entry.new.operation, order.price);
        let (requested, buyer_id, turn) = (entry.new.fields.clone(), entry.buyer_id.clone(), entry.turn);
        let row = NewRow { order, requested, buyer_id, units, amount, number, turn, is_ours: true };
        self.insert(&mut transaction, &[row]).await?;
        HistoryLine { note: Some(LOST), ..HistoryLine::of(&entry.order) }
            .insert(&self.database, &mut transaction, number)
            .await?;
        transaction.commit().await?;
        let stored = self.entry(&entry.order.token).await?.ok_or_else(|| overtaken(entry))?;
        let approved = Entry { is_approved: entry.is_approved, since: entry.since, ..stored.clone() };
        self.write(&stored, &approved, OrderState::Sending, None.into(), in_doubt(LOST), Fence::None).await
    }
}

/// The note about what a journal has lost.
const LOST: &str = "The journal had lost what was recorded before, so whether it was carried out is not known.";

fn in_doubt(note: &str) -> Change {
    let problem = Some(Problem::new(Code::OutcomeUnknown, Outcome::Unknown));
    Change { in_doubt: true, problem, note: Some(note.to_owned()), ..Change::default() }
}
