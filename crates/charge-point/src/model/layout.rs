//! From what the operator writes to EVSEs and connectors with numbers, ids and defaults.

use std::collections::BTreeSet;

use kernel::{IdSource, Invalid, W};

use super::{
    charge_point::ChargePoint,
    evse::{Connector, ConnectorStandard, CurrentType, Evse},
    status::ConnectorLive,
};
use crate::command::{ConnectorInput, EvseInput};

/// Below this, an AC connector is taken for a single-phase one: 32 A at 230 V.
const SINGLE_PHASE_UP_TO: W = W(7_400);

/// Builds the EVSEs of a charge point. EVSEs and connectors that were there before, by number,
/// keep their ids, their flat numbers and what is known of them. No input means one EVSE with one
/// connector. Notes every broken rule in `invalid` and returns a layout all the same.
pub(crate) fn layout(
    inputs: Vec<EvseInput>,
    before: &[Evse],
    max_power: W,
    current: CurrentType,
    ids: &dyn IdSource,
    invalid: &mut Invalid,
) -> Vec<Evse> {
    let inputs = if inputs.is_empty() { vec![EvseInput::default()] } else { inputs };
    let plain = inputs.iter().all(|evse| evse.connectors.len() <= 1);
    let mut evses = Vec::with_capacity(inputs.len());
    let mut used = BTreeSet::new();
    for (index, input) in inputs.into_iter().enumerate() {
        let pointer = format!("/evses/{index}");
        let number = input.number.unwrap_or_else(|| position(index));
        invalid.range(&format!("{pointer}/number"), number, 1, 999);
        if !used.insert(number) {
            invalid.push(format!("{pointer}/number"), "repeated", "another EVSE has this number");
        }
        let known = before.iter().find(|evse| evse.number == number);
        let connectors = connectors(
            Connectors { inputs: input.connectors, evse: number, plain, max_power, current, known },
            &pointer,
            invalid,
        );
        evses.push(Evse {
            id: known.map_or_else(|| ids.uuid().into(), |evse| evse.id),
            number,
            rotation: input.rotation.or(known.map(|evse| evse.rotation)).unwrap_or_default(),
            connectors,
        });
    }
    evses.sort_by_key(|evse| evse.number);
    if evses.iter().map(|evse| evse.connectors.len()).sum::<usize>() > ChargePoint::MAX_CONNECTORS {
        let most = ChargePoint::MAX_CONNECTORS;
        invalid.push("/evses", "too_many", format!("must have at most {most} connectors"));
    }
    number_flat(&mut evses);
    evses
}

struct Connectors<'a> {
    inputs: Vec<ConnectorInput>,
    evse: u16,
    /// Whether every EVSE has one connector: then an unnumbered one has its EVSE's number, which
    /// is how OCPP 1.6 chargers count.
    plain: bool,
    max_power: W,
    current: CurrentType,
    known: Option<&'a Evse>,
}

fn connectors(plan: Connectors<'_>, pointer: &str, invalid: &mut Invalid) -> Vec<Connector> {
    let inputs = if plan.inputs.is_empty() { vec![ConnectorInput::default()] } else { plan.inputs };
    let mut used = BTreeSet::new();
    let mut connectors = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.into_iter().enumerate() {
        let pointer = format!("{pointer}/connectors/{index}");
        let default_number = if plan.plain { plan.evse } else { position(index) };
        let number = input.number.unwrap_or(default_number);
        invalid.range(&format!("{pointer}/number"), number, 1, 999);
        if !used.insert(number) {
            invalid.push(format!("{pointer}/number"), "repeated", "another connector has this number");
        }
        let max_power = input.max_power.unwrap_or(plan.max_power);
        invalid.range(&format!("{pointer}/max_power_kw"), max_power.to_kilo(), 0.1, 10_000.0);
        let standard = match input.standard.as_deref() {
            None => ConnectorStandard::usual(plan.current),
            Some(text) => match ConnectorStandard::parse(&format!("{pointer}/standard"), text) {
                Ok(standard) => standard,
                Err(broken) => {
                    invalid.errors.extend(broken.errors);
                    ConnectorStandard::usual(plan.current)
                }
            },
        };
        let ac = standard.current().unwrap_or(plan.current) == CurrentType::Ac;
        let phases = input.phases.unwrap_or(if ac && max_power <= SINGLE_PHASE_UP_TO { 1 } else { 3 });
        if !matches!(phases, 1 | 3) {
            invalid.push(format!("{pointer}/phases"), "out_of_range", "must be 1 or 3");
        }
        let known = plan.known.and_then(|evse| evse.connectors.iter().find(|known| known.number == number));
        connectors.push(Connector {
            number,
            flat_number: known.map_or(0, |known| known.flat_number),
            standard,
            max_power,
            phases,
            live: known.map_or_else(ConnectorLive::default, |known| known.live.clone()),
        });
    }
    connectors.sort_by_key(|connector| connector.number);
    connectors
}

/// Gives every connector a number over the whole charge point: its own where no two connectors
/// share one, else the next one free, in order.
fn number_flat(evses: &mut [Evse]) {
    let numbers = || evses.iter().flat_map(|evse| &evse.connectors);
    let distinct = numbers().map(|connector| connector.number).collect::<BTreeSet<_>>();
    let unique = distinct.len() == numbers().count();
    let mut taken = numbers().map(|connector| connector.flat_number).collect::<BTreeSet<_>>();
    for connector in evses.iter_mut().flat_map(|evse| &mut evse.connectors) {
        if connector.flat_number != 0 {
            continue;
        }
        let own = unique && !taken.contains(&connector.number);
        let next = (1..=u16::MAX).find(|number| !taken.contains(number)).unwrap_or(u16::MAX);
        connector.flat_number = if own { connector.number } else { next };
        taken.insert(connector.flat_number);
    }
}

impl ChargePoint {
    /// Adds an EVSE with one connector for a number that the charger used and nobody had told us
    /// of. Returns false where there are too many already.
    pub(crate) fn learn_connector(&mut self, flat_number: u16, ids: &dyn IdSource) -> bool {
        let connectors = self.evses.iter().map(|evse| evse.connectors.len()).sum::<usize>();
        if connectors >= Self::MAX_CONNECTORS {
            return false;
        }
        let free = |number: u16| self.evses.iter().all(|evse| evse.number != number);
        let number = if free(flat_number) {
            flat_number
        } else {
            (1..=u16::MAX).find(|n| free(*n)).unwrap_or(u16::MAX)
        };
        let current = self.electrics.current;
        let single = current == CurrentType::Ac && self.max_power <= SINGLE_PHASE_UP_TO;
        self.evses.push(Evse {
            id: ids.uuid().into(),
            number,
            rotation: self.evses.first().map(|evse| evse.rotation).unwrap_or_default(),
            connectors: vec![Connector {
                number: flat_number,
                flat_number,
                standard: ConnectorStandard::usual(current),
                max_power: self.max_power,
                phases: if single { 1 } else { 3 },
                live: ConnectorLive::default(),
            }],
        });
        self.evses.sort_by_key(|evse| evse.number);
        true
    }
}

/// The number of the thing at a place of a list: counted from 1.
fn position(index: usize) -> u16 {
    u16::try_from(index + 1).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use kernel::testing::CountingIds;
    use proptest::prelude::*;

    use super::*;

    fn build(inputs: Vec<EvseInput>, before: &[Evse]) -> (Vec<Evse>, Invalid) {
        let mut invalid = Invalid::default();
        let ids = CountingIds::default();
        let evses = layout(inputs, before, W(22_000), CurrentType::Ac, &ids, &mut invalid);
        (evses, invalid)
    }

    fn evse(number: u16, connectors: &[u16]) -> EvseInput {
        let connectors =
            connectors.iter().map(|n| ConnectorInput { number: Some(*n), ..Default::default() }).collect();
        EvseInput { number: Some(number), connectors, ..Default::default() }
    }

    fn flat(evses: &[Evse]) -> Vec<(u16, u16, u16)> {
        evses
            .iter()
            .flat_map(|evse| evse.connectors.iter().map(|c| (evse.number, c.number, c.flat_number)))
            .collect()
    }

    #[test]
    fn nothing_said_means_one_evse_with_one_connector() {
        let (evses, invalid) = build(Vec::new(), &[]);
        assert_eq!(flat(&evses), [(1, 1, 1)]);
        assert_eq!(evses[0].connectors[0].standard.as_str(), "iec_62196_t2");
        assert_eq!(invalid, Invalid::default());
    }

    #[test]
    fn both_ways_of_counting_connectors_are_understood() {
        let counted_over_all = build(vec![evse(1, &[1]), evse(2, &[2, 3])], &[]).0;
        assert_eq!(flat(&counted_over_all), [(1, 1, 1), (2, 2, 2), (2, 3, 3)]);
        let counted_per_evse = build(vec![evse(1, &[1]), evse(2, &[1, 2])], &[]).0;
        assert_eq!(flat(&counted_per_evse), [(1, 1, 1), (2, 1, 2), (2, 2, 3)]);
        let unnumbered = build(vec![EvseInput::default(), EvseInput::default()], &[]).0;
        assert_eq!(flat(&unnumbered), [(1, 1, 1), (2, 2, 2)]);
    }

    #[test]
    fn what_stays_keeps_its_id() {
        let before = build(vec![evse(1, &[1]), evse(2, &[2])], &[]).0;
        let after = build(vec![evse(2, &[2]), evse(3, &[3])], &before).0;
        assert_eq!(after[0].id, before[1].id);
        assert_eq!(flat(&after), [(2, 2, 2), (3, 3, 3)]);
    }

    #[test]
    fn every_broken_rule_is_noted() {
        let mut broken = evse(1, &[1, 1]);
        broken.connectors[0].phases = Some(2);
        broken.connectors[0].standard = Some("no plug".to_owned());
        let (_, invalid) = build(vec![broken, evse(1, &[0])], &[]);
        let pointers: Vec<&str> = invalid.errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/evses/0/connectors/0/standard",
                "/evses/0/connectors/0/phases",
                "/evses/0/connectors/1/number",
                "/evses/1/number",
                "/evses/1/connectors/0/number",
            ]
        );
    }

    proptest! {
        #[test]
        fn no_two_connectors_share_a_flat_number(
            first in proptest::collection::vec((1..9_u16, proptest::collection::vec(1..9_u16, 0..4)), 1..5),
            second in proptest::collection::vec((1..9_u16, proptest::collection::vec(1..9_u16, 0..4)), 1..5),
        ) {
            let inputs = |plan: Vec<(u16, Vec<u16>)>| plan.iter().map(|(n, c)| evse(*n, c)).collect();
            let (before, broken) = build(inputs(first), &[]);
            prop_assume!(broken.errors.is_empty());
            let (after, broken) = build(inputs(second), &before);
            prop_assume!(broken.errors.is_empty());
            for evses in [before, after] {
                let all = flat(&evses);
                let distinct = all.iter().map(|(_, _, flat)| *flat).collect::<BTreeSet<_>>();
                prop_assert_eq!(distinct.len(), all.len());
                prop_assert!(!distinct.contains(&0));
            }
        }
    }
}
