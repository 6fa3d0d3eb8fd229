//! Money added up: amounts of several currencies have no sum, so each has its own.

use std::{borrow::Cow, collections::BTreeMap};

use crate::{port::Money, table::Cell};

#[derive(Default)]
pub(super) struct Spent(BTreeMap<String, i64>);

impl Spent {
    pub(super) fn add(&mut self, cost: Option<&Money>) {
        if let Some(Money { currency, micros }) = cost {
            match self.0.get_mut(currency) {
                Some(sum) => *sum += micros,
                None => drop(self.0.insert(currency.clone(), *micros)),
            }
        }
    }

    /// A line for each currency.
    pub(super) fn totals(&self) -> impl Iterator<Item = (Cow<'static, str>, Cell)> + use<'_> {
        self.0
            .iter()
            .map(|(currency, micros)| (format!("Energy cost ({currency})").into(), Cell::Micro(*micros)))
    }
}
