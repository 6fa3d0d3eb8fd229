//! Calls that wait to be sent, one at a time.
//!
//! What belongs to a transaction is kept in order until the server has answered it, over lost
//! sockets and reboots. The rest is only worth sending while the socket is there.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

/// What a call was about, for when its answer comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum About {
    Boot,
    Authorize {
        connector: usize,
        id_tag: String,
    },
    Start {
        connector: usize,
        session: u64,
    },
    Reading {
        session: u64,
    },
    Stop {
        session: u64,
    },
    /// Its answer changes nothing.
    Notice,
}

impl About {
    /// Its session, for what must not be lost.
    fn session(&self) -> Option<u64> {
        match self {
            Self::Start { session, .. } | Self::Reading { session } | Self::Stop { session } => {
                Some(*session)
            }
            Self::Boot | Self::Authorize { .. } | Self::Notice => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) action: &'static str,
    pub(super) payload: Value,
    pub(super) about: About,
    /// How often the server answered it with an error.
    refused: u32,
}

#[derive(Debug, Default)]
pub(super) struct Outbox {
    notices: VecDeque<Outgoing>,
    ledger: VecDeque<Outgoing>,
    /// The server's numbers of transactions.
    numbers: HashMap<u64, i64>,
    in_flight: Option<Outgoing>,
}

impl Outbox {
    pub(super) fn push(&mut self, action: &'static str, payload: Value, about: About) {
        let queue = if about.session().is_some() { &mut self.ledger } else { &mut self.notices };
        queue.push_back(Outgoing { action, payload, about, refused: 0 });
    }

    /// The next call to send, unless one is in flight. Before the server has accepted the charger
    /// only a boot may be sent.
    pub(super) fn next(&mut self, accepted: bool) -> Option<&Outgoing> {
        if self.in_flight.is_some() {
            return None;
        }
        let mut next = if accepted {
            self.notices.pop_front().or_else(|| self.ledger.pop_front())?
        } else {
            let boot = self.notices.iter().position(|call| call.about == About::Boot)?;
            self.notices.remove(boot)?
        };
        match next.about {
            About::Reading { session } => {
                if let Some(number) = self.numbers.get(&session) {
                    next.payload["transactionId"] = json!(number);
                }
            }
            // A transaction whose start was never answered has no number: chargers send -1.
            About::Stop { session } => {
                next.payload["transactionId"] = json!(self.numbers.get(&session).unwrap_or(&-1));
            }
            About::Boot | About::Authorize { .. } | About::Start { .. } | About::Notice => {}
        }
        Some(self.in_flight.insert(next))
    }

    /// The call in flight was answered.
    pub(super) fn answered(&mut self) -> Option<Outgoing> {
        self.in_flight.take()
    }

    /// The call in flight was answered with an error: what belongs to a transaction is tried
    /// `attempts` times.
    pub(super) fn refused(&mut self, attempts: u32) -> Option<About> {
        let mut call = self.in_flight.take()?;
        let about = call.about.clone();
        call.refused += 1;
        if about.session().is_some() && call.refused < attempts {
            self.ledger.push_front(call);
        }
        Some(about)
    }

    /// The socket is gone: what belongs to a transaction is sent again, the rest is stale.
    pub(super) fn lost(&mut self) {
        if let Some(call) = self.in_flight.take().filter(|call| call.about.session().is_some()) {
            self.ledger.push_front(call);
        }
        self.notices.clear();
    }

    pub(super) fn number(&mut self, session: u64, number: i64) {
        self.numbers.insert(session, number);
    }

    pub(super) fn forget(&mut self, session: u64) {
        self.numbers.remove(&session);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.notices.is_empty() && self.ledger.is_empty() && self.in_flight.is_none()
    }

    pub(super) fn is_booting(&self) -> bool {
        let mut calls = self.notices.iter().chain(&self.in_flight);
        calls.any(|call| call.about == About::Boot)
    }

    /// Messages of transactions that the server has not answered yet.
    pub(super) fn owed(&self) -> usize {
        let in_flight = self.in_flight.iter().filter(|call| call.about.session().is_some()).count();
        self.ledger.len() + in_flight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions(outbox: &mut Outbox) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(call) = outbox.next(true) {
            sent.push(format!("{} {}", call.action, call.payload));
            outbox.answered();
        }
        sent
    }

    #[test]
    fn a_lost_socket_loses_notices_and_keeps_transactions_in_order() {
        let mut outbox = Outbox::default();
        outbox.push("StartTransaction", json!({}), About::Start { connector: 1, session: 1 });
        outbox.push("MeterValues", json!({}), About::Reading { session: 1 });
        assert_eq!(outbox.next(true).unwrap().action, "StartTransaction");
        outbox.push("Heartbeat", json!({}), About::Notice);
        outbox.push("StopTransaction", json!({}), About::Stop { session: 1 });
        outbox.lost();
        outbox.number(1, 42);
        assert_eq!(
            actions(&mut outbox),
            [
                "StartTransaction {}",
                "MeterValues {\"transactionId\":42}",
                "StopTransaction {\"transactionId\":42}",
            ],
        );
    }

    #[test]
    fn a_refused_transaction_message_is_dropped_after_its_attempts() {
        let mut outbox = Outbox::default();
        outbox.push("StopTransaction", json!({}), About::Stop { session: 1 });
        for _ in 0..3 {
            assert_eq!(outbox.next(true).unwrap().payload["transactionId"], -1);
            outbox.refused(3);
        }
        assert!(outbox.is_empty());
    }

    #[test]
    fn nothing_but_a_boot_leaves_before_the_charger_is_accepted() {
        let mut outbox = Outbox::default();
        outbox.push("StatusNotification", json!({}), About::Notice);
        assert!(outbox.next(false).is_none());
        outbox.push("BootNotification", json!({}), About::Boot);
        assert_eq!(outbox.next(false).unwrap().action, "BootNotification");
        assert!(outbox.next(true).is_none(), "one call at a time");
    }
}
