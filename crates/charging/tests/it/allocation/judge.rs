//! An independent judge of allocations: it adds everything up again, slowly and in wide integers.

use charging::allocation::{Allocation, Ask, EvseInput, Problem, Reason};

/// Power in microwatts, then three currents in microamperes.
pub(crate) type Links = [i128; 4];

/// A problem and what an allocation leaves of it.
pub(crate) struct Judge<'a> {
    pub(crate) problem: &'a Problem,
    /// By EVSE, in the unit it is steered by.
    pub(crate) values: Vec<i64>,
    /// What is left for chargers by circuit and link; huge where there is no limit.
    rooms: Vec<Links>,
}

impl<'a> Judge<'a> {
    pub(crate) fn new(problem: &'a Problem, allocation: &Allocation) -> Self {
        let value = |(evse, given): (&EvseInput, &charging::allocation::EvseAllocation)| match evse.ask {
            Ask::Current { .. } | Ask::ReservedCurrent(_) => given.current.get(),
            Ask::Power { .. } | Ask::ReservedPower(_) => given.power.get(),
        };
        let values = problem.evses().iter().zip(&allocation.evses).map(value).collect();
        let mut judge = Self { problem, values, rooms: Vec::new() };
        judge.rooms = judge.limits();
        for index in 0..problem.evses().len() {
            judge.give_back(index, -judge.values[index]);
        }
        judge
    }

    /// Everything that must hold for any allocation.
    pub(crate) fn check(&self, allocation: &Allocation) -> Result<(), String> {
        self.check_grid(allocation)?;
        self.check_limits()?;
        for index in 0..self.problem.evses().len() {
            self.check_maximal(index, allocation.evses[index].reason)?;
            self.check_priority(index)?;
        }
        Ok(())
    }

    fn check_grid(&self, allocation: &Allocation) -> Result<(), String> {
        for (index, evse) in self.problem.evses().iter().enumerate() {
            let value = self.values[index];
            let reason = allocation.evses[index].reason;
            let Some((min, max, step)) = range(evse) else {
                if reason != Reason::OfflineReserve {
                    return Err(format!("evse {index} is reserved for, and says {reason:?}"));
                }
                continue;
            };
            if value != 0 && (value < min || value > max || (value - min) % step != 0) {
                return Err(format!("evse {index}: {value} is no setpoint of {min}..={max} by {step}"));
            }
            let honest = match reason {
                Reason::DemandMet => value + step > max && value >= min,
                Reason::NotCharging => max == 0,
                Reason::DemandBelowMinimum => value == 0 && max < min,
                Reason::BelowMinimum(_) => value == 0,
                Reason::CircuitLimit(_) => value >= min,
                Reason::OfflineReserve => false,
            };
            if !honest {
                return Err(format!("evse {index}: {value} of {min}..={max} is not {reason:?}"));
            }
        }
        Ok(())
    }

    /// No link is overdrawn, unless others and the unreachable alone overdraw it: then nothing is
    /// given out on it.
    fn check_limits(&self) -> Result<(), String> {
        for (circuit, rooms) in self.rooms.iter().enumerate() {
            for (link, &room) in rooms.iter().enumerate() {
                let users = self.problem.evses().iter().enumerate().filter(|(index, evse)| {
                    let uses = link == 0 || evse.phases.indices().any(|phase| phase + 1 == link);
                    let charging = range(evse).is_some() && self.values[*index] > 0;
                    charging && uses && self.path(evse.circuit).any(|at| at == circuit)
                });
                if room < 0 && users.count() > 0 {
                    return Err(format!("circuit {circuit} link {link} is over by {}", -room));
                }
            }
        }
        Ok(())
    }

    /// Nobody could have more without another having less, and the circuit blamed is to blame.
    fn check_maximal(&self, index: usize, reason: Reason) -> Result<(), String> {
        let Some(more) = self.next(index) else { return Ok(()) };
        if self.fits(index, more) {
            return Err(format!("evse {index} could have {more} more"));
        }
        match reason.binding_circuit() {
            Some(circuit) if self.fits_on(index, more, circuit) => {
                Err(format!("evse {index} blames circuit {circuit}, which has room"))
            }
            Some(_) => Ok(()),
            None => Err(format!("evse {index} wants more and says {reason:?}")),
        }
    }

    /// Nobody could start, or have more, at the cost of the less important alone.
    fn check_priority(&self, index: usize) -> Result<(), String> {
        let Some(more) = self.next(index) else { return Ok(()) };
        let evses = self.problem.evses();
        let mut freed = self.copy();
        for (other, evse) in evses.iter().enumerate() {
            let Some((min, ..)) = range(evse) else { continue };
            if evse.tier > evses[index].tier && self.values[other] > 0 {
                let kept = if self.is_on(index) { min } else { 0 };
                freed.give_back(other, self.values[other] - kept);
            }
        }
        if freed.fits(index, more) {
            return Err(format!("evse {index} could have {more} more from less important ones"));
        }
        Ok(())
    }

    /// By how much, in microamperes per phase, an EVSE could rise if all of its own tier that have
    /// `slack` more than it were cut down to that, and all less important ones to their minimum.
    pub(crate) fn envy(&self, index: usize, slack: i64) -> i128 {
        let evses = self.problem.evses();
        let Some((_, max, step)) = range(&evses[index]) else { return 0 };
        if !self.is_on(index) {
            return 0;
        }
        let mut freed = self.copy();
        let own = level(&evses[index], self.values[index]);
        for (other, evse) in evses.iter().enumerate() {
            let Some((min, ..)) = range(evse) else { continue };
            let value = self.values[other];
            let kept = if evse.tier > evses[index].tier { min } else { at_level(evse, own + slack).max(min) };
            if evse.tier >= evses[index].tier && other != index && value > kept {
                freed.give_back(other, value - kept);
            }
        }
        let steps = (max - self.values[index]) / step;
        let (mut low, mut high) = (0, steps);
        while low < high {
            let middle = (low + high + 1) / 2;
            if freed.fits(index, middle * step) { low = middle } else { high = middle - 1 }
        }
        i128::from(level(&evses[index], self.values[index] + low * step) - own)
    }

    /// Whether it was admitted: one without a minimum always is.
    fn is_on(&self, index: usize) -> bool {
        range(&self.problem.evses()[index]).is_some_and(|(min, ..)| self.values[index] >= min)
    }

    fn copy(&self) -> Self {
        Self { problem: self.problem, values: self.values.clone(), rooms: self.rooms.clone() }
    }

    /// The least by which an EVSE could have more, if it wants more at all.
    fn next(&self, index: usize) -> Option<i64> {
        let (min, max, step) = range(&self.problem.evses()[index])?;
        let value = self.values[index];
        let more = if value < min { min } else { step };
        (max >= min && value + more <= max).then_some(more)
    }

    fn fits(&self, index: usize, more: i64) -> bool {
        self.path(self.problem.evses()[index].circuit).all(|circuit| self.fits_on(index, more, circuit))
    }

    fn fits_on(&self, index: usize, more: i64, circuit: usize) -> bool {
        let evse = &self.problem.evses()[index];
        let before = amount(evse, self.values[index]);
        let after = amount(evse, self.values[index] + more);
        (0..4).all(|link| {
            after[link] == before[link] || after[link] - before[link] <= self.rooms[circuit][link]
        })
    }

    fn give_back(&mut self, index: usize, value: i64) {
        let evse = &self.problem.evses()[index];
        let (before, after) = if value < 0 {
            (0, -value)
        } else {
            self.values[index] -= value;
            (self.values[index] + value, self.values[index])
        };
        let (before, after) = (amount(evse, before), amount(evse, after));
        let path: Vec<usize> = self.path(evse.circuit).collect();
        for circuit in path {
            (0..4).for_each(|link| self.rooms[circuit][link] += before[link] - after[link]);
        }
    }

    fn path(&self, circuit: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(circuit), |&at| self.problem.circuits()[at].parent)
    }

    fn limits(&self) -> Vec<Links> {
        let circuits = self.problem.circuits();
        let wide = |power: i64, current: [i64; 3]| -> Links {
            [
                i128::from(power) * 1_000_000,
                i128::from(current[0]) * 1_000,
                i128::from(current[1]) * 1_000,
                i128::from(current[2]) * 1_000,
            ]
        };
        let mut rooms: Vec<Links> = circuits
            .iter()
            .map(|circuit| {
                let power = circuit.max_power.map_or(i64::MAX, kernel::W::get);
                wide(
                    power,
                    circuit.max_current.map_or([i64::MAX; 3], |phases| phases.map(kernel::MilliAmps::get)),
                )
            })
            .collect();
        for (index, circuit) in circuits.iter().enumerate() {
            for load in [circuit.unmanaged, circuit.reserved] {
                let load = wide(load.power.get(), load.current.map(kernel::MilliAmps::get));
                for at in self.path(index).collect::<Vec<_>>() {
                    (0..4).for_each(|link| rooms[at][link] -= load[link]);
                }
            }
        }
        rooms
    }
}

/// Minimum, maximum and step, where the EVSE is steered.
fn range(evse: &EvseInput) -> Option<(i64, i64, i64)> {
    match evse.ask {
        Ask::Current { min, max, step } => Some((min.get(), max.get(), step.get())),
        Ask::Power { min, max, step } => Some((min.get(), max.get(), step.get())),
        Ask::ReservedCurrent(_) | Ask::ReservedPower(_) => None,
    }
}

fn volts(evse: &EvseInput) -> i128 {
    i128::from(evse.voltage) * i128::from(evse.phases.count())
}

fn amount(evse: &EvseInput, value: i64) -> Links {
    let value = i128::from(value);
    let (power, current) = match evse.ask {
        Ask::Current { .. } => (value * 1_000 * volts(evse), value * 1_000),
        Ask::Power { .. } => (value * 1_000_000, ceil(value * 1_000_000, volts(evse))),
        // Reserves are rounded up to whole milliamperes and watts.
        Ask::ReservedCurrent(_) => (ceil(value * volts(evse), 1_000) * 1_000_000, value * 1_000),
        Ask::ReservedPower(_) => (value * 1_000_000, ceil(value * 1_000, volts(evse)) * 1_000),
    };
    let mut links = [power, 0, 0, 0];
    evse.phases.indices().for_each(|phase| links[phase + 1] = current);
    links
}

/// Microamperes per phase.
fn level(evse: &EvseInput, value: i64) -> i64 {
    let current = amount(evse, value).into_iter().skip(1).max().unwrap_or_default();
    i64::try_from(current).unwrap()
}

fn at_level(evse: &EvseInput, level: i64) -> i64 {
    match evse.ask {
        Ask::Power { .. } | Ask::ReservedPower(_) => {
            i64::try_from(i128::from(level) * volts(evse) / 1_000_000).unwrap()
        }
        Ask::Current { .. } | Ask::ReservedCurrent(_) => level / 1_000,
    }
}

fn ceil(value: i128, by: i128) -> i128 {
    (value + by - 1).div_euclid(by)
}
