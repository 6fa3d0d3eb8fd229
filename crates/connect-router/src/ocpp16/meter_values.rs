//! Sampled values brought to one form: Wh, W, mA, mV, hundredths of a percent.
//!
//! A measurand that is sent per phase becomes one value: energy and power are summed, of currents
//! the highest counts, of voltages the mean between phase and neutral. Whatever is not understood
//! or cannot be true stays as it was sent, under its own name.

use kernel::{MilliAmps, Soc, Timestamp, W, Wh};
use serde::Deserialize;
use serde_json::Value;
use transaction::{MeterReport, ReadingContext};

use super::wire::{Text, Time};

/// Registers beyond this are noise: a charger would need centuries.
const MOST_ENERGY: f64 = 1e13;
/// No connector carries more.
const MOST_POWER: f64 = 1e7;
const MOST_CURRENT: f64 = 1e7;
const MOST_VOLTAGE: f64 = 5e6;
/// A charger may group readings, within reason.
const MOST_VALUES: usize = 500;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MeterValue {
    timestamp: Option<Time>,
    #[serde(default)]
    sampled_value: Vec<SampledValue>,
}

#[derive(Deserialize)]
struct SampledValue {
    value: Text,
    context: Option<Text>,
    format: Option<Text>,
    measurand: Option<Text>,
    phase: Option<Text>,
    location: Option<Text>,
    unit: Option<Text>,
}

/// One report for each instant and context, in the order in which they came.
pub(super) fn reports(values: Vec<MeterValue>, received_at: Timestamp) -> Vec<MeterReport> {
    let mut reports: Vec<Gathered> = Vec::new();
    for value in values.into_iter().take(MOST_VALUES) {
        let at = Time::or(value.timestamp, received_at);
        for sample in value.sampled_value.into_iter().take(MOST_VALUES) {
            let context = context(sample.context.as_ref());
            let known =
                reports.iter().position(|known| known.report.at == at && known.report.context == context);
            let index = known.unwrap_or_else(|| {
                let report = MeterReport { at, context, ..MeterReport::default() };
                reports.push(Gathered { report, ..Gathered::default() });
                reports.len() - 1
            });
            reports[index].take(sample);
        }
    }
    reports.into_iter().map(Gathered::report).collect()
}

fn context(text: Option<&Text>) -> ReadingContext {
    match text.map(|text| text.0.as_str()) {
        None | Some("Sample.Periodic") => ReadingContext::Periodic,
        Some("Transaction.Begin") => ReadingContext::Begin,
        Some("Transaction.End") => ReadingContext::End,
        Some("Sample.Clock") => ReadingContext::Clock,
        Some("Trigger") => ReadingContext::Trigger,
        Some("Interruption.Begin" | "Interruption.End") => ReadingContext::Interruption,
        Some(_) => ReadingContext::Other,
    }
}

/// A quantity that may come as a whole, per phase, or both.
#[derive(Default)]
struct PerPhase {
    whole: Option<f64>,
    phases: Vec<f64>,
}

impl PerPhase {
    fn take(&mut self, value: f64, phase: bool) {
        if phase { self.phases.push(value) } else { self.whole = Some(value) }
    }

    fn sum(&self) -> Option<f64> {
        self.whole.or_else(|| (!self.phases.is_empty()).then(|| self.phases.iter().sum()))
    }

    fn highest(&self) -> Option<f64> {
        self.phases.iter().copied().chain(self.whole).reduce(f64::max)
    }

    fn mean(&self) -> Option<f64> {
        let count = u32::try_from(self.phases.len()).ok().filter(|count| *count > 0);
        self.whole.or_else(|| count.map(|count| self.phases.iter().sum::<f64>() / f64::from(count)))
    }
}

/// The samples of one instant on their way to a report.
#[derive(Default)]
struct Gathered {
    report: MeterReport,
    energy: PerPhase,
    power: PerPhase,
    offered: PerPhase,
    current: PerPhase,
    voltage: PerPhase,
}

impl Gathered {
    fn take(&mut self, sample: SampledValue) {
        if !self.understood(&sample) {
            self.keep(sample);
        }
    }

    /// Takes a sample that is understood, in its base unit; false for any other.
    fn understood(&mut self, sample: &SampledValue) -> bool {
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.0.trim().to_owned());
        let (measurand, unit, phase) = (text(&sample.measurand), text(&sample.unit), text(&sample.phase));
        let outlet = matches!(text(&sample.location).as_deref(), None | Some("Outlet" | "EV" | "Cable"));
        let raw = matches!(text(&sample.format).as_deref(), None | Some("Raw"));
        let Some(value) =
            sample.value.0.trim().parse::<f64>().ok().filter(|value| value.is_finite() && raw && outlet)
        else {
            return false;
        };
        let per_phase = phase.is_some();
        let phase_to_phase =
            phase.as_deref().is_some_and(|phase| matches!(phase, "L1-L2" | "L2-L3" | "L3-L1"));
        let neutral = phase.as_deref() == Some("N");
        let measurand = measurand.as_deref().unwrap_or("Energy.Active.Import.Register");
        let (slot, value, most) = match (measurand, unit.as_deref()) {
            ("Energy.Active.Import.Register", None | Some("Wh")) => (&mut self.energy, value, MOST_ENERGY),
            ("Energy.Active.Import.Register", Some("kWh")) => (&mut self.energy, value * 1e3, MOST_ENERGY),
            ("Power.Active.Import", None | Some("W")) => (&mut self.power, value, MOST_POWER),
            ("Power.Active.Import", Some("kW")) => (&mut self.power, value * 1e3, MOST_POWER),
            ("Power.Offered", None | Some("W")) => (&mut self.offered, value, MOST_POWER),
            ("Power.Offered", Some("kW")) => (&mut self.offered, value * 1e3, MOST_POWER),
            ("Current.Import", None | Some("A")) if !neutral => {
                (&mut self.current, value * 1e3, MOST_CURRENT)
            }
            ("Voltage", None | Some("V")) if !phase_to_phase => {
                (&mut self.voltage, value * 1e3, MOST_VOLTAGE)
            }
            ("SoC", None | Some("Percent" | "%")) => {
                let soc = Soc::from_percent(value);
                self.report.soc = soc.or(self.report.soc);
                return soc.is_some();
            }
            _ => return false,
        };
        if !(0.0..=most).contains(&value) {
            return false;
        }
        slot.take(value, per_phase);
        true
    }

    /// Keeps a sample under its own name.
    fn keep(&mut self, sample: SampledValue) {
        let mut name =
            sample.measurand.map_or_else(|| "Energy.Active.Import.Register".to_owned(), |text| text.0);
        for part in [sample.phase, sample.location, sample.unit].into_iter().flatten() {
            name.push('.');
            name.push_str(&part.0);
        }
        let text = |text: String, most: usize| -> String {
            text.chars().filter(|c| !c.is_control()).take(most).collect()
        };
        self.report.rest.insert(text(name, 100), Value::String(text(sample.value.0, 2_500)));
    }

    fn report(self) -> MeterReport {
        MeterReport {
            energy: self.energy.sum().map(|value| Wh(rounded(value))),
            power: self.power.sum().map(|value| W(rounded(value))),
            offered: self.offered.sum().map(|value| W(rounded(value))),
            current: self.current.highest().map(|value| MilliAmps(rounded(value))),
            voltage_millivolts: self.voltage.mean().map(rounded),
            ..self.report
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "bounded above by the limits of this module")]
fn rounded(value: f64) -> i64 {
    value.round() as i64
}
